"""The system calls that a student's process has no business with, with their numbers on two architectures.

The numbers are those of Linux's own tables, which never change; the tests compare them with libseccomp's.
"""

from __future__ import annotations

LAST_KNOWN = 450
"""What the kernel has learnt since is answered as by an older kernel: nobody has judged it yet."""

_DENIED = """
fork 57 -; vfork 58 -; execve 59 221; execveat 322 281; ptrace 101 117; kcmp 312 272;
process_vm_readv 310 270; process_vm_writev 311 271; process_madvise 440 440; process_mrelease 448 448;
pidfd_open 434 434; pidfd_getfd 438 438; pidfd_send_signal 424 424; get_robust_list 274 100;
tkill 200 130; rt_sigqueueinfo 129 138; rt_tgsigqueueinfo 297 240;
socket 41 198; connect 42 203; bind 49 200; listen 50 201; accept 43 202; accept4 288 242;
memfd_create 319 279; memfd_secret 447 447; userfaultfd 323 282; remap_file_pages 216 234;
shmget 29 194; shmat 30 196; shmctl 31 195; shmdt 67 197; msgget 68 186; msgsnd 69 189; msgrcv 70 188; msgctl 71 187;
semget 64 190; semop 65 193; semctl 66 191; semtimedop 220 192; mq_open 240 180; mq_unlink 241 181;
mq_timedsend 242 182; mq_timedreceive 243 183; mq_notify 244 184; mq_getsetattr 245 185;
inotify_init 253 -; inotify_init1 294 26; inotify_add_watch 254 27; inotify_rm_watch 255 28;
sync 162 81; syncfs 306 267; landlock_create_ruleset 444 444; landlock_add_rule 445 445; landlock_restrict_self 446 446;
mbind 237 235; set_mempolicy 238 237; set_mempolicy_home_node 450 450; migrate_pages 256 238; move_pages 279 239;
mount 165 40; umount2 166 39; pivot_root 155 41; chroot 161 51; move_mount 429 429; open_tree 428 428;
fsopen 430 430; fsconfig 431 431; fsmount 432 432; fspick 433 433; mount_setattr 442 442; mknod 133 -; mknodat 259 33;
swapon 167 224; swapoff 168 225; quotactl 179 60; quotactl_fd 443 443; unshare 272 97; setns 308 268;
bpf 321 280; perf_event_open 298 241; keyctl 250 219; add_key 248 217; request_key 249 218; seccomp 317 277;
io_uring_setup 425 425; io_uring_enter 426 426; io_uring_register 427 427;
io_setup 206 0; io_destroy 207 1; io_getevents 208 4; io_submit 209 2; io_cancel 210 3;
init_module 175 105; finit_module 313 273; delete_module 176 106; kexec_load 246 104; kexec_file_load 320 294;
reboot 169 142; syslog 103 116; acct 163 89; settimeofday 164 170; clock_settime 227 112; clock_adjtime 305 266;
adjtimex 159 171; sethostname 170 161; setdomainname 171 162; iopl 172 -; ioperm 173 -; modify_ldt 154 -;
personality 135 92; name_to_handle_at 303 264; open_by_handle_at 304 265; lookup_dcookie 212 18;
fanotify_init 300 262; fanotify_mark 301 263; vhangup 153 58; nfsservctl 180 42; uselib 134 -; ustat 136 -; sysfs 139 -;
_sysctl 156 -; sched_setaffinity 203 122; sched_setscheduler 144 119; sched_setparam 142 118; sched_setattr 314 274;
setpriority 141 140; ioprio_set 251 30
"""

_MESSAGES = "sendmsg 46 211; sendmmsg 307 269"

_OLDER_KERNEL = "clone3 435 435; openat2 437 437"
"""Their flags stand behind a pointer, which a filter cannot follow; C libraries then use clone and openat."""

_METADATA = """
chmod 90 -; fchmod 91 52; fchmodat 268 53; chown 92 -; fchown 93 55; lchown 94 -; fchownat 260 54
"""

_TIMES = "utime 132 -; utimes 235 -; futimesat 261 -; utimensat 280 88"

_ATTRIBUTES = """
setxattr 188 5; lsetxattr 189 6; fsetxattr 190 7; removexattr 197 14; lremovexattr 198 15; fremovexattr 199 16;
getxattr 191 8; lgetxattr 192 9; fgetxattr 193 10; listxattr 194 11; llistxattr 195 12; flistxattr 196 13
"""

_EXAMINED = """
clone 56 220; kill 62 129; tgkill 234 131; socketpair 53 199; sendto 44 206; prlimit64 302 261; prctl 157 167;
ioctl 16 29; fcntl 72 25
"""


def _numbers(table: str) -> dict[str, tuple[int | None, int | None]]:
    rows = (entry.split() for entry in table.replace("\n", " ").split(";"))
    return {name: (_number(x86), _number(arm)) for name, x86, arm in rows}


def _number(text: str) -> int | None:
    return None if text == "-" else int(text)


DENIED = _numbers(_DENIED)
"""Answered with EPERM: other processes, the network, memory that no limit counts, mounts, the kernel itself.

The rules of Landlock are such memory, and its names are told to who may watch a folder (inotify) that it hides.
"""
MESSAGES = _numbers(_MESSAGES)
"""As DENIED, but for who gives away open files: what is under way, Linux counts for all programs of a user together."""
OLDER_KERNEL = _numbers(_OLDER_KERNEL)
"""Answered with ENOSYS, as by a kernel that does not have them."""
METADATA = _numbers(_METADATA)
"""Modes and owners, of which Landlock takes no notice: where that is the wall, changes do nothing, successfully."""
TIMES = _numbers(_TIMES)
"""As METADATA, but answered with EPERM: success would tell ``Path.touch`` that a file is there."""
ATTRIBUTES = _numbers(_ATTRIBUTES)
"""Extended attributes, as METADATA, but answered as by a file system without them, to who would read them, too."""
EXAMINED = _numbers(_EXAMINED)
"""Allowed or not by their arguments."""
