"`mnist_course check`: run a notebook of answers in a fresh kernel, and say which exercises pass"
import json,sys
from argparse import ArgumentParser
from collections import namedtuple
from pathlib import Path
from queue import Empty
from subprocess import DEVNULL
from time import monotonic

class Unreadable(Exception): "What is wrong with a file, and what to do"

NO_MARKS = ("refused: its cells have lost the marks by which they are graded (nbgrader's metadata), as some editors "
    "do. Take a fresh copy of the assignment and put the answers into that")
NO_EXERCISE = "it holds no exercise of this course; pass a copy of a notebook in the folder assignments"

def mark_of(cell): return cell.metadata.get('nbgrader', {})
def cells_of(checks): return [o for check in checks for o in (check.removeprefix('check_'),check)]

def assignment_of(nb):
    "The name of the assignment of a notebook, and which of its exercises and checks it lacks. Raises `Unreadable`."
    from . import ASSIGNMENTS
    cells = {name: cells_of(checks) for name,checks in ASSIGNMENTS.items()}
    found = {mark_of(c).get('grade_id') for c in nb.cells}
    name = max(cells, key=lambda o: len(found & {*cells[o]}))
    if found & {*cells[name]}: return name,[o for o in cells[name] if o not in found]
    checks = [check for checks in ASSIGNMENTS.values() for check in checks]
    raise Unreadable(NO_MARKS if any(check in c.source for c in nb.cells for check in checks) else NO_EXERCISE)

def read(path):
    "A notebook, and the name of its assignment. Raises `Unreadable`."
    import nbformat
    path = Path(path)
    if path.is_dir(): raise Unreadable("it is a folder; pass a notebook in it")
    try: nb = nbformat.read(path, 4)
    except FileNotFoundError: raise Unreadable("there is no such file")
    except OSError as e: raise Unreadable(f"it can't be read: {e.strerror}")
    except Exception: raise Unreadable("it is no Jupyter notebook, or only a part of one")
    return nb,assignment_of(nb)[0]


# A kernel

MUCH_LONGER = 5 # So many times its limit may a cell wait, or be kept waiting by a busy machine
LATE = 'late' # in place of the name of an error

Ran = namedtuple('Ran', 'trouble printed error', defaults=['', ''])
Ran.__doc__ = "What came of a cell: what went wrong, or None; what it printed; and the name of the error"

class Kernel:
    "A fresh kernel that runs cells, each with a limit to the seconds that it computes"
    def __init__(self, folder, limit):
        import psutil
        from jupyter_client.manager import start_new_kernel
        self.limit,self.gone = limit,None
        options = dict(kernel_name='python3', cwd=str(folder), stdout=DEVNULL, stderr=DEVNULL)
        self.manager,self.client = start_new_kernel(**options)
        self.process = psutil.Process(self.manager.provisioner.pid)

    def close(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def computed(self):
        "How many seconds the kernel has computed so far"
        if not self.manager.is_alive(): raise EOFError
        return sum(self.process.cpu_times()[:2])

    def outputs(self, source, limit):
        "What a cell puts out, as messages; raises `TimeoutError`, or `EOFError` if the kernel is gone"
        computed,waited = self.computed()+limit,monotonic()+MUCH_LONGER*limit
        sent,found = self.client.execute(source, allow_stdin=False),[]
        while self.computed()<computed and monotonic()<waited:
            try: msg = self.client.get_iopub_msg(timeout=0.2)
            except Empty: continue
            if msg['parent_header'].get('msg_id')!=sent: continue
            if msg['content'].get('execution_state')=='idle':
                if any(o.get('source')=='ask_exit' for o in self.reply(sent).get('payload', ())): raise EOFError
                return found
            found.append(msg['content'])
        raise TimeoutError

    def reply(self, sent):
        "The kernel's reply to what was sent"
        while (msg := self.client.get_shell_msg(timeout=60))['parent_header'].get('msg_id')!=sent: pass
        return msg['content']

    def run(self, source, n):
        "Run cell number `n`. Once the kernel is gone, nothing runs."
        if self.gone: return Ran(f"not run, since {self.gone}")
        try: found = self.outputs(source, self.limit)
        except EOFError: self.gone = f"cell {n} ended the kernel"
        except TimeoutError:
            if not self.interrupted(): self.gone = f"cell {n} could not be stopped"
            return Ran(f"it took more than {self.limit} seconds: a loop that never ends?", error=LATE)
        if self.gone: return Ran(self.gone)
        printed = ''.join(o['text'] for o in found if o.get('name')=='stdout')
        e = next((o for o in found if 'ename' in o), None)
        if not e: return Ran(None, printed)
        ours = e['ename'] in ('CheckFailed','NotYours')
        return Ran(e['evalue'] if ours else f"{e['ename']}: {e['evalue']}".rstrip(': '), printed, e['ename'])

    def interrupted(self, tries=5):
        "Interrupt the kernel: does it run cells again? What it was sent while it was busy, it drops without a word."
        self.manager.interrupt_kernel()
        try: return any(self.outputs('print()', 2) for _ in range(tries))
        except (EOFError,TimeoutError): return False


# A notebook

PASSED = 'The check has run to its end.'
CHECK = "import mnist_course.exercises; mnist_course.exercises.check_{0}({0}); print('{1}')"
NO_CHECK = "its check cell is missing: take a fresh copy of the assignment"
NO_CODE = "its cell is no code cell any more, so that it doesn't run. Make it one again."

def trouble_of(cell, n, kernel):
    "Run a cell of answers: what went wrong, or None, and the name of the error"
    if cell.cell_type!='code': return (NO_CODE if mark_of(cell).get('solution') else None),''
    ran = kernel.run(cell.source, n)
    return ran.trouble and f"its cell: {ran.trouble}",ran.error

def why_not(exercise, n, kernel, trouble, error):
    "Run the check of an exercise, whose own cell had this trouble or None: why it gets no points, or None"
    ran = kernel.run(CHECK.format(exercise, PASSED), n)
    if error==LATE: return trouble # what it has defined before that doesn't count
    if trouble and ran.error in ('NameError','NotYours'): return trouble
    if ran.trouble or PASSED in ran.printed: return ran.trouble
    return "its check didn't run to the end"

def check_notebook(
    path, # A notebook with answers to one of the assignments
    limit:int=60, # Seconds that a cell may compute
): # `(exercise, points, why not)` for each exercise of the assignment, the last None if it passes
    """Run the notebook in a fresh kernel, with the checks as this package has them, whatever its own check cells say

    Raises `Unreadable`."""
    from . import ASSIGNMENTS
    nb,name = read(path)
    exercises = [o.removeprefix('check_') for o in ASSIGNMENTS[name]]
    why,points,broken = {},{},{}
    kernel = Kernel(Path(path).resolve().parent, limit)
    try:
        for n,cell in enumerate(nb.cells, 1):
            mark = mark_of(cell)
            exercise = mark.get('grade_id', '').removeprefix('check_')
            if exercise in exercises and exercise!=mark['grade_id']:
                why[exercise] = why_not(exercise, n, kernel, *broken.get(exercise, (None,'')))
                points[exercise] = mark.get('points', 1)
            else: broken[exercise] = trouble_of(cell, n, kernel)
    finally: kernel.close()
    return [(o, points.get(o, 1), why.get(o, NO_CHECK)) for o in exercises]


# What is printed

def score_of(results): return sum(p for _,p,why in results if why is None)
def points_of(results): return sum(p for _,p,_ in results)
def all_pass(results): return all(why is None for *_,why in results)

def table(results):
    "The results as text: a line for each exercise, what is wrong below it, and the score"
    lines = []
    for exercise,points,why in results:
        lines.append(f"{'passed' if why is None else 'not yet':8} {0 if why else points}/{points}  {exercise}")
        if why: lines += ['           '+o for o in why.splitlines()]
    return '\n'.join([*lines, f"score: {score_of(results)} of {points_of(results)}"])

def as_json(results):
    exercises = [dict(exercise=e, passed=why is None, points=p, why=why) for e,p,why in results]
    found = dict(passed=all_pass(results), score=score_of(results), points=points_of(results), exercises=exercises)
    return json.dumps(found, indent=1)

def arguments(argv):
    "The arguments of `mnist_course check`; exits with 2 if one is no good"
    parser = ArgumentParser(prog='mnist_course check',
        description="Run a notebook of answers in a fresh kernel; print what passes, why the rest fails, and a score.")
    parser.add_argument('notebook', help='a notebook with answers to one of the assignments')
    parser.add_argument('--limit', type=int, default=60, metavar='SECONDS',
        help='how long a cell may compute (default: 60)')
    parser.add_argument('--json', action='store_true', help='print JSON, for programs')
    args = parser.parse_args(argv)
    if args.limit < 1: parser.error(f"--limit must be a whole number of seconds from 1, not {args.limit}")
    return args

def main(argv):
    "`mnist_course check`; exits with 0 only if all exercises pass, with 2 if the file or an argument is no good"
    args = arguments(argv)
    try: results = check_notebook(args.notebook, args.limit)
    except Unreadable as e:
        print(f"mnist_course check: {args.notebook}: {e}", file=sys.stderr)
        sys.exit(2)
    print(as_json(results) if args.json else table(results))
    sys.exit(not all_pass(results))
