"""Run the course as it is on Colab: `python tests/colab/run.py [--venv FOLDER] [--only NAME]`

Makes an environment with the packages of a Colab machine (`constraints.txt`, 3 GB to download) and with Colab's
shell (`stub`: the real one is on no registry). In a kernel there it runs the first code cell of the notebooks, which
installs the course: from a copy of this checkout, as its address on GitHub would give another state of the course or,
offline, none. It fails if pip replaced or removed anything that was there.

Then every chapter, every learner's assignment and every master runs as plain Jupyter runs it, without nbdev and
away from the repository, each in a new folder and with an empty home. The tests of the checks and of `check_setup`
run as well, as this torch is the oldest that the course supports."""
import json,os,re,shutil,subprocess,sys,tempfile,time
from argparse import ArgumentParser
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TOOLS = ['pip==24.1.2','setuptools==75.2.0','wheel','packaging'] # wheel needs packaging
TESTS = ['test_assignments.py','checkup']
NEED_NBGRADER = 'test_learners_version_is_that_of_the_master' # which isn't there
VERSION = '3.13'
ARGV = 'python -m ipykernel_launcher -f {connection_file} --IPKernelApp.kernel_class=google.colab._kernel.Kernel'
KERNEL = dict(display_name='Python 3', language='python', argv=ARGV.split())

def output(*args, **kwargs):
    "What a command prints"
    return subprocess.run([*map(str, args)], check=True, stdout=subprocess.PIPE, text=True, **kwargs).stdout

def lines(text): return [o for o in text.splitlines() if o.strip() and not o.startswith('#')]


# The environment

def find_python():
    "A Python 3.13: this one, one on the PATH, or one of pyenv's"
    code = 'import sysconfig; print(sysconfig.get_python_version())'
    pyenv = Path(os.environ.get('PYENV_ROOT') or Path.home()/'.pyenv')
    found = [sys.executable, shutil.which(f'python{VERSION}'), *sorted(pyenv.glob(f'versions/{VERSION}.*/bin/python'))]
    for o in filter(None, found):
        try:
            if output(o, '-c', code, stderr=subprocess.DEVNULL).strip()==VERSION: return o
        except (OSError,subprocess.CalledProcessError): pass # one of pyenv's shims that leads nowhere
    sys.exit(f'run.py: found no Python {VERSION}, which Colab has: install it, or say where it is by --python')

def normal(name): return re.sub(r'[-_.]+', '-', name).lower()

def packages(
    python, # That of the environment
)->dict: # Version by name
    "What is installed in an environment"
    code = "from importlib.metadata import distributions\nfor o in distributions(): print(o.name, o.version)"
    return {normal(k): v for k,v in map(str.split, output(python, '-c', code, cwd=HERE).splitlines())}

def make(
    venv, # The folder of the environment; what is there already is used again
    python, # A Python 3.13
)->Path: # Its Python
    "Colab's packages, shell and kernel, and nothing else"
    res = venv/'bin/python'
    if not res.exists():
        output(python, '-m', 'venv', venv)
        output(res, '-m', 'pip', 'install', '-q', *TOOLS)
        output(res, '-m', 'pip', 'install', '-q', '--no-deps', '-r', HERE/'constraints.txt')
    pins = lines((HERE/'constraints.txt').read_text(encoding='utf-8')) + TOOLS
    wanted = {normal(o.partition('==')[0]): o.partition('==')[2] for o in pins}
    more = packages(res).keys() - wanted.keys() # of an earlier run
    if more: output(res, '-m', 'pip', 'uninstall', '-q', '-y', *more)
    found = packages(res)
    wrong = sorted(k for k in wanted if k not in found or wanted[k] not in ('', found[k]))
    if wrong: sys.exit(f'run.py: {venv} has other versions of {", ".join(wrong)} than constraints.txt: delete it')
    site = output(res, '-c', "import sysconfig; print(sysconfig.get_path('purelib'))").strip()
    shutil.copytree(HERE/'stub', site, dirs_exist_ok=True)
    spec = venv/'share/jupyter/kernels/python3/kernel.json'
    spec.write_text(json.dumps(KERNEL), encoding='utf-8')
    return res


# The course

def copy_checkout(dest):
    "Copy the repository as git sees it, with what is not committed yet"
    for o in output('git', 'ls-files', '-coz', '--exclude-standard', cwd=ROOT).split('\0'):
        if not (ROOT/o).is_file(): continue
        (dest/o).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT/o, dest/o)

def environ(home=None):
    "Environment variables without those that lead to other packages or settings; with another home if one is given"
    others = 'PYTHON|XDG_|FASTAI_|JUPYTER|IPYTHON|MPL|VIRTUAL_ENV'
    kept = {k: v for k,v in os.environ.items() if not re.match(others, k)}
    return kept | ({'HOME': str(home)} if home else {})

def first_cell(notebooks):
    "The source of the first code cell, which has to be the same in all"
    found = set()
    for o in notebooks:
        cells = json.loads(o.read_text(encoding='utf-8'))['cells']
        found.add(''.join(next(c for c in cells if c['cell_type']=='code')['source']))
    if len(found)!=1: sys.exit('run.py: the first code cells differ:\n' + '\n'.join(found))
    return found.pop()

def install(
    python, # That of the environment
    source, # The first code cell
    checkout, # What is to be installed, in place of the address on GitHub
    folder, # An empty one
): # What the cell put out
    "Run the first code cell in a notebook of its own"
    here = re.sub(r'git\+https://[^"]*', checkout.as_uri(), source)
    if here==source: sys.exit(f'run.py: the first code cell installs nothing from GitHub:\n{source}')
    cell = dict(cell_type='code', execution_count=None, id='first', metadata={}, outputs=[], source=here)
    nb = dict(cells=[cell], metadata={}, nbformat=4, nbformat_minor=5)
    (folder/'first.ipynb').write_text(json.dumps(nb), encoding='utf-8')
    convert = '-m nbconvert --to markdown --execute --stdout first.ipynb'
    return output(python, *convert.split(), cwd=folder, env=environ())

def report(before, after, said):
    "Print what the first cell added and kept; exit if it replaced or removed anything, or didn't install the course"
    changed = {k: (v, after.get(k, 'nothing')) for k,v in before.items() if after.get(k)!=v}
    added = {k: v for k,v in after.items() if k not in before}
    def listed(d): return ', '.join(f'{k} {v}' for k,v in sorted(d.items()))
    print(f'The first cell added {listed(added)}.\nIt kept {len(before)-len(changed)} of {len(before)}: '
        f'{listed({k: v for k,v in before.items() if k not in changed})}.', flush=True)
    if changed: sys.exit('run.py: it replaced ' + ', '.join(f'{k} {old} by {new}' for k,(old,new) in changed.items()))
    if 'mnist-course' not in added: sys.exit(f'run.py: it did not install the course:\n{said}')


# Notebooks and tests

def run_notebook(
    python, # That of the environment
    notebook, # A file
    folder, # A new one, for its home and its working folder
    *options, # Those of notebook.py
)->list: # What went wrong, in lines
    "Run a copy of a notebook on a machine on which nothing has run yet"
    home,empty = folder/'home',folder/'empty'
    for o in (home,empty): o.mkdir(parents=True)
    path = shutil.copy(notebook, empty)
    cmd = [python, HERE/'notebook.py', path, *options]
    done = subprocess.run(cmd, env=environ(home), capture_output=True, text=True)
    if done.returncode: return [done.stderr]
    return [f'cell {n}, {first!r}: {what}' for n,first,what in json.loads(done.stdout)]

def run_tests(python, name, checkout):
    "Run a file of tests on the package that is installed; what went wrong, in lines"
    options = ['-q', '-o', 'addopts=', '-p', 'no:cacheprovider', '-k', f'not {NEED_NBGRADER}']
    cmd = [python.with_name('pytest'), *options, f'tests/{name}']
    done = subprocess.run(cmd, cwd=checkout, env=environ(), capture_output=True, text=True)
    print(*done.stdout.splitlines()[-1:]) # how many passed
    return [done.stdout+done.stderr] if done.returncode else []

def jobs(python, checkout, away):
    "`(name, function that returns what went wrong)` for every notebook and every file of tests"
    for folder,options in (('nbs',[]), ('assignments',['--untouched']), ('nbs/assignments',[])):
        for o in sorted((checkout/folder).glob('*.ipynb')):
            yield f'{folder}/{o.name}',partial(run_notebook, python, o, away/folder/o.stem, *options)
    for o in TESTS: yield f'tests/{o}',partial(run_tests, python, o, checkout)

def main(venv, python, only):
    "Make the environment, install the course in it, run everything; exits with 1 if anything went wrong"
    with tempfile.TemporaryDirectory(prefix='colab-') as tmp:
        tmp = Path(tmp).resolve()
        checkout,away = tmp/'checkout',tmp/'away'
        for o in (checkout,away): o.mkdir()
        copy_checkout(checkout)
        start = time.monotonic()
        python = make(Path(venv or tmp/'venv').resolve(), python or find_python())
        print(f'{time.monotonic()-start:5.0f} s  environment', flush=True)
        before,start = packages(python),time.monotonic()
        notebooks = [o for folder in ('nbs','assignments') for o in sorted((checkout/folder).rglob('*.ipynb'))]
        said = install(python, first_cell(notebooks), checkout, away)
        print(f'{time.monotonic()-start:5.0f} s  first cell', flush=True)
        report(before, packages(python), said)
        todo,failed = [(name,run) for name,run in jobs(python, checkout, away) if only in name],[]
        if not todo: sys.exit(f'run.py: nothing has {only} in its name')
        for name,run in todo:
            start = time.monotonic()
            wrong = run()
            print(f'{time.monotonic()-start:5.0f} s  {name}', *wrong, sep='\n         ', flush=True)
            if wrong: failed.append(name)
    if failed: sys.exit('run.py: failed: ' + ', '.join(failed))

if __name__=='__main__':
    parser = ArgumentParser(description=__doc__.partition(':')[0])
    parser.add_argument('--venv', metavar='FOLDER',
        help='where to make the environment and leave it for the next run (default: a temporary folder)')
    parser.add_argument('--python',
        help=f'the Python {VERSION} to make it with (default: one from the PATH or from pyenv)')
    parser.add_argument('--only', metavar='NAME', default='',
        help='run only what has this in its name, such as nbs/05 or checkup')
    args = parser.parse_args()
    main(args.venv, args.python, args.only)
