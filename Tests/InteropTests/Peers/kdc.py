#!/usr/bin/python3
"""A key distribution centre of Kerberos of its own, on loopback, that a test drives.

Its realm is XYLEM.TEST. The principals ann, eve and weather/localhost have their keys in FOLDER/keytab. It prints one JSON object
when it answers, and leaves, with FOLDER, when its standard input closes.

  ready    FOLDER is whole: krb5.conf, keytab, and tickets, which is empty
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time

REALM = "XYLEM.TEST"
PRINCIPALS = ["ann", "eve", "weather/localhost"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write(path, text):
    with open(path, "w") as file:
        file.write(text)


def run(words, environment):
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        raise OSError(f"{words[0]}: {done.stderr.strip()}")


def main():
    folder = sys.argv[1]
    port = free_port()
    os.mkdir(f"{folder}/tickets")
    write(
        f"{folder}/krb5.conf",
        f"""[libdefaults]
default_realm = {REALM}
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
[realms]
{REALM} = {{
kdc = 127.0.0.1:{port}
}}
""",
    )
    write(
        f"{folder}/kdc.conf",
        f"""[kdcdefaults]
kdc_listen = 127.0.0.1:{port}
kdc_tcp_listen = 127.0.0.1:{port}
[realms]
{REALM} = {{
database_name = {folder}/principals
key_stash_file = {folder}/stash
}}
[logging]
kdc = FILE:{folder}/kdc.log
""",
    )
    environment = dict(
        os.environ,
        KRB5_CONFIG=f"{folder}/krb5.conf",
        KRB5_KDC_PROFILE=f"{folder}/kdc.conf",
        PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin",
    )
    run(["kdb5_util", "create", "-s", "-r", REALM, "-P", os.urandom(16).hex()], environment)
    for principal in PRINCIPALS:
        run(["kadmin.local", "-q", f"addprinc -randkey {principal}"], environment)
        run(["kadmin.local", "-q", f"ktadd -k {folder}/keytab {principal}"], environment)
    centre = subprocess.Popen(
        ["krb5kdc", "-n", "-r", REALM],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                if centre.poll() is not None:
                    raise OSError(open(f"{folder}/kdc.log").read())
                time.sleep(0.02)
        print(json.dumps({"event": "ready"}), flush=True)
        sys.stdin.read()
    finally:
        # Signals may be blocked here, as they are in the process that has started us, but for this one.
        centre.kill()
        centre.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except OSError as error:
        print(json.dumps({"event": "error", "message": str(error)}), flush=True)
        sys.exit(1)
