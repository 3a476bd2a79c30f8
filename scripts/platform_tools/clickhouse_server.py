"""Runs a full ClickHouse server out of the chdb wheel: `clickhouse_server.py CHDB_DIR --config-file=…`.

The wheel's library has the server compiled in, but exports only clickhouse-local as `main`; the server's entry point is
an ordinary function listed in the ELF `.symtab`. We read its offset there, add the address the loader put the library
at, and call it with C's argc and argv. It returns only when the server stops.
"""

import ctypes
import glob
import mmap
import os
import struct
import sys

ENTRY = b"_Z25mainEntryClickHouseServeriPPc"
SHT_SYMTAB = 2


class DlInfo(ctypes.Structure):
    _fields_ = [
        ("fname", ctypes.c_char_p),
        ("fbase", ctypes.c_void_p),
        ("sname", ctypes.c_char_p),
        ("saddr", ctypes.c_void_p),
    ]


def symbol_offset(path, name):
    """The value of symbol `name` in the 64-bit little-endian ELF file at `path`, read from its `.symtab`."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as elf:
        if elf[:6] != b"\x7fELF\x02\x01":
            raise SystemExit(f"{path} is not a 64-bit little-endian ELF file; delete it and run `make setup` again.")
        (table,) = struct.unpack_from("<Q", elf, 40)
        entry_size, count = struct.unpack_from("<HH", elf, 58)
        for index in range(count):
            _, kind, _, _, offset, size, link, _, _, _ = struct.unpack_from("<IIQQQQIIQQ", elf, table + index * entry_size)
            if kind != SHT_SYMTAB:
                continue
            _, _, _, _, strings, strings_size, *_ = struct.unpack_from("<IIQQQQIIQQ", elf, table + link * entry_size)
            at = elf.find(b"\0" + name + b"\0", strings, strings + strings_size)
            if at < 0:
                break
            # A symbol is 24 bytes and begins with its name's place in the string table.
            wanted = struct.pack("<I", at + 1 - strings)
            found = elf.find(wanted, offset, offset + size)
            while found >= 0:
                if (found - offset) % 24 == 0:
                    return struct.unpack_from("<IBBHQQ", elf, found)[4]
                found = elf.find(wanted, found + 1, offset + size)
    raise SystemExit(f"{path} has no symbol {name.decode()}; the chdb wheel must be the pinned version.")


def main():
    folder, arguments = sys.argv[1], sys.argv[2:]
    path = os.path.join(folder, "chdb", "_chdb.abi3.so")
    offset = symbol_offset(path, ENTRY)
    for stubs in glob.glob(os.path.join(folder, "chdb.libs", "libpybind11nonlimitedapi_stubs-*.so")):
        ctypes.CDLL(stubs, mode=ctypes.RTLD_GLOBAL)
    library = ctypes.CDLL(path, mode=ctypes.RTLD_GLOBAL)

    info = DlInfo()
    if ctypes.CDLL(None).dladdr(ctypes.cast(library.main, ctypes.c_void_p), ctypes.byref(info)) == 0:
        raise SystemExit(f"The loader does not say where it put {path}.")
    entry = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p))(info.fbase + offset)
    argv = [b"clickhouse-server"] + [argument.encode() for argument in arguments]
    status = entry(len(argv), (ctypes.c_char_p * (len(argv) + 1))(*argv, None))
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
