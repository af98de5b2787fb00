#!/usr/bin/env python3
"""Turns checksum and segmentation offload of an interface of this namespace off.

    offload.py INTERFACE

A veth pair passes unchecked and unsegmented packets from one kernel to the next as if they were
memory, which no wire does.
"""

import array
import fcntl
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
# linux/ethtool.h: ETHTOOL_STXCSUM, _SSG, _STSO, _SGSO, _SGRO
SWITCHES = (0x17, 0x19, 0x1F, 0x23, 0x2C)


def main():
    name = sys.argv[1].encode()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for switch in SWITCHES:
            value = array.array("B", struct.pack("II", switch, 0))
            address, _ = value.buffer_info()
            try:
                fcntl.ioctl(control, SIOCETHTOOL, struct.pack("16sP", name, address))
            except OSError as error:
                sys.exit(f"{sys.argv[1]}: offload 0x{switch:02x}: {error.strerror}")


main()
