"Whose answer is it? Points are for what a notebook defines itself, and fastai alone brings a `sigmoid` and an `rmse`"
# A function or class of one's own passes, and so does what one has made of a library's: partial(…), an instance, a
# lambda that calls it, or a name of one's own for it, as in `make_opt = SGD`. What stands in a library under the same
# name does not, as it can't be told from an import, nor does what this course has written itself.
import ast,os,sys,sysconfig
from functools import wraps
from pathlib import Path
from types import ModuleType

from .trials import CheckFailed,fail

class NotYours(CheckFailed): "What was given to a check was not defined in this notebook"

COURSE = __name__.partition('.')[0]
HERE = str(Path(__file__).parents[1])
FOLDERS = [o+os.sep for o in (sysconfig.get_path('stdlib'), 'site-packages', 'dist-packages', HERE)]
NAMES = dict(torch='PyTorch', builtins='Python')

def is_library(module):
    file = getattr(module, '__file__', None)
    if module.__name__=='__main__' or not file: return module.__name__ in sys.stdlib_module_names
    return any(o in file for o in FOLDERS)

def name_of(f): return getattr(f, '__name__', None)

def found_in(f):
    "The modules in which this very object stands, under whatever name"
    modules = [m for m in list(sys.modules.values()) if isinstance(m, ModuleType)]
    return [m for m in modules if any(o is f for o in list(vars(m).values()))]

def bound_by(source, name):
    "How a cell binds a name at last: 'import' or 'own', or None if it doesn't, or is no Python"
    how = None
    try: statements = ast.parse(source).body
    except (SyntaxError,ValueError): return
    for o in statements:
        if isinstance(o, (ast.Import,ast.ImportFrom)): bound,way = [a.asname or a.name for a in o.names],'import'
        elif isinstance(o, (ast.FunctionDef,ast.ClassDef)): bound,way = [o.name],'own'
        elif isinstance(o, ast.Assign):
            bound,way = [getattr(part, 'id', '') for target in o.targets for part in ast.walk(target)],'own'
        else: continue
        if name in bound: how = way
    return how

def comes_from(f, name, space):
    "The module that an answer comes from, if it isn't one's own"
    home = getattr(f, '__module__', None) if name_of(f) else None
    modules = found_in(f)
    libraries = [m.__name__ for m in modules if is_library(m)]
    cells = space.get('In', ()) # of a notebook
    if not libraries:
        files = [m.__name__ for m in modules if m.__name__!='__main__']
        return files[0] if cells and files else None
    how = next(filter(None, (bound_by(o, name) for o in reversed(cells))), None)
    a_class = name[0].isupper() # that is what the exercise asks for
    theirs = a_class or name_of(f) in (name,None) or how=='import' or str(home).startswith(COURSE)
    return (home or libraries[0]) if theirs else None

def interrupted(name, space):
    "Was the cell that defines it interrupted just now? (For a cell that ran before others, IPython keeps no record.)"
    shell = space['get_ipython']() if 'get_ipython' in space else None
    last = getattr(shell, 'last_execution_result', None)
    if last is None or not isinstance(last.error_in_exec, KeyboardInterrupt): return False
    return bound_by(last.info.raw_cell, name) is not None

IMPORTED = ("It is imported, and not defined in this notebook. Write one of your own, by def, which may call what "
    "others have written; if you have, see that its cell runs without an error.")
STOPPED = "Is there a loop in it that never ends? Run it to its end."

def own(check):
    "A check that looks first whether what it is given was defined in the notebook that calls it"
    name = check.__name__.removeprefix('check_')
    @wraps(check)
    def checked(f):
        space = sys._getframe(1).f_globals
        module = comes_from(f, name, space) if callable(f) else None
        if module:
            package = NAMES.get(module.partition('.')[0], module.partition('.')[0])
            fail(name, f"what was given is `{name_of(f) or name}` of {package}", IMPORTED, kind=NotYours)
        if interrupted(name, space):
            fail(name, "the cell that defines it was interrupted", STOPPED, kind=NotYours)
        return check(f)
    return checked
