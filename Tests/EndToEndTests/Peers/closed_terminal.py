#!/usr/bin/python3
"""Runs a command in a terminal that is then closed.

    closed_terminal.py TEXT PROGRAM ARGUMENT …

Waits until the command has printed TEXT, closes the terminal (the kernel sends SIGHUP), and prints `closed`. Three seconds later it
prints `alive` or `gone`; one that is alive is ended with SIGTERM, and its exit code printed.
"""

import os
import pty
import select
import signal
import sys
import time

text, program, arguments = sys.argv[1].encode(), sys.argv[2], sys.argv[3:]
pid, terminal = pty.fork()
if pid == 0:
    os.execv(program, [program] + arguments)
output, deadline = b"", time.monotonic() + 180
while text not in output and time.monotonic() < deadline:
    if select.select([terminal], [], [], 0.5)[0]:
        output += os.read(terminal, 65536)
os.close(terminal)
print("closed", flush=True)
# Long enough for whatever the command writes from now on to fail.
time.sleep(3)
gone, status = os.waitpid(pid, os.WNOHANG)
if gone:
    print("gone", flush=True)
else:
    print("alive", flush=True)
    os.kill(pid, signal.SIGTERM)
    print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
