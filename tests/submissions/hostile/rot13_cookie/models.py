# coding: rot13
sebz fdynypurzl.bez vzcbeg QrpynengvirOnfr
