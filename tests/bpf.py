"""Classic BPF, as the kernel runs it over what a program asks of it: enough to try a filter of system calls."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

MASK = 0xFFFFFFFF


@dataclass(frozen=True)
class Request:
    """A system call as the kernel shows it to a filter."""

    number: int
    architecture: int
    arguments: tuple[int, ...] = ()

    def encoded(self) -> bytes:
        """Return it as ``struct seccomp_data``."""
        words = [one & 0xFFFFFFFFFFFFFFFF for one in (*self.arguments, *(0,) * 6)[:6]]
        return struct.pack("<IIQ6Q", self.number & MASK, self.architecture, 0, *words)


def answer(program: Sequence[tuple[int, int, int, int]], request: Request) -> int:
    """Return what a program returns for a request; an instruction that it should not need raises KeyError."""
    data = request.encoded()
    accumulator = place = 0
    while True:
        code, if_true, if_false, operand = program[place]
        place += 1
        match code:
            case 0x20:  # load a word
                (accumulator,) = struct.unpack_from("<I", data, operand)
            case 0x54:  # and
                accumulator &= operand
            case 0x06:  # return
                return operand
            case 0x05:  # jump
                place += operand
            case _:
                place += if_true if _holds(code, accumulator, operand) else if_false


def _holds(code: int, accumulator: int, operand: int) -> bool:
    return {
        0x15: accumulator == operand,
        0x25: accumulator > operand,
        0x35: accumulator >= operand,
        0x45: bool(accumulator & operand),
    }[code]
