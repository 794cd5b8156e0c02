"""Runs a command at a terminal of its own: types there what arrives on stdin, and shows on stdout what it shows.

Arguments: for each of the command's stdin, stdout and stderr `tty` or `null`; a file for the report; the command.
The report is one line of JSON that tells how the command ended.
The end of stdin closes the terminal.
"""
import fcntl, json, os, pty, select, subprocess, sys, termios

*streams, report = sys.argv[1:5]
master, slave = pty.openpty()


def take_terminal():
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)


stdin, stdout, stderr = [slave if stream == "tty" else subprocess.DEVNULL for stream in streams]
child = subprocess.Popen(sys.argv[5:], stdin=stdin, stdout=stdout, stderr=stderr, preexec_fn=take_terminal)

while child.poll() is None:
    ready, _, _ = select.select([master, 0], [], [], 0.02)
    if master in ready:
        os.write(1, os.read(master, 65536))
    if 0 in ready:
        typed = os.read(0, 65536)
        if not typed:
            os.close(slave)
            os.close(master)
            child.wait()
            break
        while typed:
            typed = typed[os.write(master, typed):]
else:
    while select.select([master], [], [], 0)[0]:
        os.write(1, os.read(master, 65536))

with open(report, "w") as file:
    json.dump({"code": child.returncode}, file)
