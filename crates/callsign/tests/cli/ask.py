"""Runs a command at a terminal of its own, answers what it asks, and says whether the terminal shows what is typed at the end."""
import fcntl, json, os, pty, signal, sys, termios

steps, command = json.loads(sys.argv[1]), sys.argv[2:]
terminal, child_side = pty.openpty()
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(child_side, termios.TIOCSCTTY, 0)
    for stream in range(3):
        os.dup2(child_side, stream)
    os.execv(command[0], command)
seen, shown = b"", 0
for question, answer in steps:
    while question.encode() not in seen[shown:]:
        seen += os.read(terminal, 4096)
    shown = seen.index(question.encode(), shown) + len(question.encode())
    if answer == "SIGTERM":
        os.kill(pid, signal.SIGTERM)
    elif answer == "OFFERED":
        line = next(line for line in seen.decode().splitlines() if line.startswith("    "))
        os.write(terminal, line.strip().encode() + b"\n")
    else:
        os.write(terminal, answer.encode())
_, status = os.waitpid(pid, 0)
os.set_blocking(terminal, False)
try:
    while True:
        seen += os.read(terminal, 4096)
except (BlockingIOError, OSError):
    pass
echo = bool(termios.tcgetattr(child_side)[3] & termios.ECHO)
code = os.waitstatus_to_exitcode(status)
print(json.dumps({"code": code, "echo": echo, "seen": seen.decode()}))
