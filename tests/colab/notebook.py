"""Run a notebook as plain Jupyter does, and print as JSON what went wrong: `python notebook.py FILE [--untouched]`

The cell that installs the course is left out, and so are those flagged slow, as by nbdev-test. `run.py` runs this with
the Python of Colab's environment."""
import json,re,sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError,DeadKernelError

HANGS = 1800 # seconds: no cell takes that long, on no machine

def left_out(cell):
    "Is this a cell that is not to be run?"
    slow = re.match(r'(#\|.*\n)*#\| *slow\b', cell.source)
    return cell.cell_type=='code' and (slow or 'google.colab' in cell.source)

def error(o): return o.output_type=='error'
def unasked(o): return error(o) or o.output_type=='stream' and o.name=='stderr'

def in_words(o):
    "An error, or what came on stderr"
    if error(o): return f'{o.ename}: {o.evalue}'
    return f'stderr: {o.text.strip()}'

def is_check(cell): return cell.metadata.get('nbgrader', {}).get('grade', False)

def says_it_is_to_do(cell):
    "Has the check in this cell put out its own message, without a traceback, and nothing else?"
    said = cell.outputs
    return len(said)==1 and error(said[0]) and said[0].ename=='CheckFailed' and said[0].traceback==[said[0].evalue]

def broken(
    cells, # Those of a notebook that has run
    untouched, # Is it a learner's, without a single answer, so that every check has to fail?
): # `(number of the cell, its first line, what went wrong)` for each cell that did not do what it should
    "What went wrong: errors, and whatever came on stderr"
    res = []
    for n,cell in enumerate(cells, 1):
        if cell.cell_type!='code': continue
        first = cell.source.partition('\n')[0]
        if not (untouched and is_check(cell)): res += [(n, first, in_words(o)) for o in cell.outputs if unasked(o)]
        elif not says_it_is_to_do(cell): res.append((n, first, f'not the message of a check alone: {cell.outputs}'))
    return res

def run(
    path, # The notebook
    untouched=False, # As for `broken`
): # As from `broken`
    "Run a notebook in a fresh kernel, in its own folder"
    nb = nbformat.read(path, 4)
    for cell in nb.cells:
        if cell.cell_type=='code': cell.outputs = []
        if left_out(cell): cell.source = '' # which nbclient passes over
    client = NotebookClient(nb, timeout=HANGS, startup_timeout=HANGS, allow_errors=untouched,
        resources=dict(metadata=dict(path=str(path.parent))))
    try: client.execute()
    except CellExecutionError: pass # its output tells
    except DeadKernelError as e: return [(0, 'the kernel', str(e))]
    return broken(nb.cells, untouched)

if __name__=='__main__': print(json.dumps(run(Path(sys.argv[1]).resolve(), '--untouched' in sys.argv)))
