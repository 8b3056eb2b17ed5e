"`mnist_course check`: run a notebook of answers in a fresh kernel, and say which exercises pass"
import json,sys
from argparse import ArgumentParser
from pathlib import Path
from queue import Empty
from subprocess import DEVNULL
from time import monotonic

class Unreadable(Exception): "What is wrong with a file, and what to do"

def assignment_of(nb):
    "The name of the assignment that a notebook belongs to, and which of its exercises and checks it lacks. Raises `Unreadable`."
    from . import ASSIGNMENTS
    cells = {name: [cell for check in checks for cell in (check.removeprefix('check_'), check)] for name,checks in ASSIGNMENTS.items()}
    found = {c.metadata.get('nbgrader', {}).get('grade_id') for c in nb.cells}
    name = max(cells, key=lambda o: len(found & {*cells[o]}))
    if found & {*cells[name]}: return name,[o for o in cells[name] if o not in found]
    if any(check in c.source for c in nb.cells for checks in ASSIGNMENTS.values() for check in checks):
        raise Unreadable("refused: its cells have lost the marks by which they are graded (nbgrader's metadata), as some editors do. Take a fresh copy of the assignment and put the answers into that")
    raise Unreadable("it holds no exercise of this course; pass a copy of a notebook in the folder assignments")

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

MUCH_LONGER = 5 # So many times its limit may a cell wait, or be kept waiting by a busy machine

class Kernel:
    "A fresh kernel that runs cells, each with a limit to the seconds that it computes"
    def __init__(self, folder, limit):
        import psutil
        from jupyter_client.manager import start_new_kernel
        self.limit,self.gone = limit,None
        self.manager,self.client = start_new_kernel(kernel_name='python3', cwd=str(folder), stdout=DEVNULL, stderr=DEVNULL)
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
                while (reply := self.client.get_shell_msg(timeout=60))['parent_header'].get('msg_id')!=sent: pass
                if any(o.get('source')=='ask_exit' for o in reply['content'].get('payload', ())): raise EOFError
                return found
            found.append(msg['content'])
        raise TimeoutError

    def run(self, source, n):
        "Run cell number `n`: what went wrong, or None, and what it printed. Once the kernel is gone, nothing runs."
        if self.gone: return f"not run, since {self.gone}",''
        try: found = self.outputs(source, self.limit)
        except EOFError: self.gone = f"cell {n} ended the kernel"
        except TimeoutError:
            if not self.interrupted(): self.gone = f"cell {n} could not be stopped"
            return f"it took more than {self.limit} seconds: a loop that never ends?",''
        if self.gone: return self.gone,''
        e = next((o for o in found if 'ename' in o), None)
        return e and (e['evalue'] if e['ename']=='CheckFailed' else f"{e['ename']}: {e['evalue']}".rstrip(': ')),''.join(o['text'] for o in found if o.get('name')=='stdout')

    def interrupted(self, tries=5):
        "Interrupt the kernel: does it run cells again? What it was sent while it was busy, it drops without a word."
        self.manager.interrupt_kernel()
        try: return any(self.outputs('print()', 2) for _ in range(tries))
        except (EOFError,TimeoutError): return False

PASSED = 'The check has run to its end.'

def check_notebook(
    path, # A notebook with answers to one of the assignments
    limit:int=60, # Seconds that a cell may compute
): # `(exercise, points, why not)` for each exercise of the assignment, the last None if it passes. Raises `Unreadable`.
    "Run the notebook in a fresh kernel, with the checks as this package has them, whatever the notebook's own check cells say"
    from . import ASSIGNMENTS
    nb,name = read(path)
    checks,why,points,broken = ASSIGNMENTS[name],{},{},{}
    kernel = Kernel(Path(path).resolve().parent, limit)
    try:
        for n,cell in enumerate(nb.cells, 1):
            if cell.cell_type!='code': continue
            mark = cell.metadata.get('nbgrader', {})
            check = mark.get('grade_id')
            if check in checks:
                trouble,printed = kernel.run(f"import mnist_course.exercises; mnist_course.exercises.{check}({check.removeprefix('check_')}); print('{PASSED}')", n)
                if not trouble and PASSED not in printed: trouble = "its check didn't run to the end"
                why[check] = broken.get(check, trouble) if trouble and trouble.startswith('NameError') else trouble
                points[check] = mark.get('points', 1)
            else:
                trouble,_ = kernel.run(cell.source, n)
                if trouble and mark.get('solution'): broken[f'check_{check}'] = f"its cell: {trouble}"
    finally: kernel.close()
    return [(o.removeprefix('check_'), points.get(o, 1), why.get(o, "its check cell is missing: take a fresh copy of the assignment")) for o in checks]

def table(results):
    "The results as text: a line for each exercise, what is wrong below it, and the score"
    lines = []
    for exercise,points,why in results:
        lines.append(f"{'passed' if why is None else 'not yet':8} {0 if why else points}/{points}  {exercise}")
        if why: lines += ['           '+o for o in why.splitlines()]
    return '\n'.join([*lines, f"score: {sum(p for _,p,why in results if why is None)} of {sum(p for _,p,_ in results)}"])

def main(argv):
    "Read the arguments of `mnist_course check`; exits with 0 only if all exercises pass, with 2 if the file or an argument is no good"
    parser = ArgumentParser(prog='mnist_course check', description="Run a notebook of answers in a fresh kernel; print which exercises pass, why the others don't, and the score.")
    parser.add_argument('notebook', help='a notebook with answers to one of the assignments')
    parser.add_argument('--limit', type=int, default=60, metavar='SECONDS', help='how long a cell may compute (default: 60)')
    parser.add_argument('--json', action='store_true', help='print JSON, for programs')
    args = parser.parse_args(argv)
    if args.limit < 1: parser.error(f"--limit must be a whole number of seconds from 1, not {args.limit}")
    try: results = check_notebook(args.notebook, args.limit)
    except Unreadable as e:
        print(f"mnist_course check: {args.notebook}: {e}", file=sys.stderr)
        sys.exit(2)
    if args.json: print(json.dumps(dict(passed=all(why is None for *_,why in results), score=sum(p for _,p,why in results if why is None), points=sum(p for _,p,_ in results),
        exercises=[dict(exercise=e, passed=why is None, points=p, why=why) for e,p,why in results]), indent=1))
    else: print(table(results))
    sys.exit(any(why is not None for *_,why in results))
