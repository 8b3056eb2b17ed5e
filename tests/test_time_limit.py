"`time_limit`: whatever doesn't end is ended, also where Ctrl-C is ignored, and Ctrl-C goes on meaning what it did"
import signal,subprocess,sys,threading,time
from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest

from conftest import ROOT
from mnist_course.exercises import calling
from mnist_course.exercises.calling import time_limit
from mnist_course.exercises.core import Problem,Trial,attempt

LONG = 600 # seconds: nothing here needs as long, so what does is hanging

def forever():
    while True: pass

def swallow_once():
    try: forever()
    except BaseException: forever()

def swallow_ctrl_c():
    while True:
        try: forever()
        except (Exception,KeyboardInterrupt): pass

def swallow_all():
    while True:
        try: forever()
        except BaseException: pass

def swallow_twice():
    def inner():
        try: forever()
        except BaseException: pass
    while True:
        try: inner()
        except BaseException: pass

def swallow_and_return():
    try: forever()
    except BaseException: return 1

def another_error():
    try: forever()
    except BaseException: raise ValueError('mine')

def sleep(): time.sleep(LONG)

ENDLESS = [forever,sleep,swallow_once,swallow_ctrl_c,swallow_all,swallow_twice,swallow_and_return,another_error]
every_endless = pytest.mark.parametrize('endless', ENDLESS, ids=lambda o: o.__name__)

@pytest.fixture(autouse=True)
def handler():
    "A handler of one's own for SIGINT, which has to be there again at the end"
    def mine(*args): raise KeyboardInterrupt('by hand')
    old = signal.signal(signal.SIGINT, mine)
    yield mine
    found = signal.signal(signal.SIGINT, old)
    assert found is mine

def tried(f, limit=0.2): return attempt(Trial(lambda f: f(), 1, '', limit=limit), f)

@every_endless
def test_what_does_not_end_is_ended_and_said(endless):
    found = tried(endless)
    assert isinstance(found, Problem) and found.what=='nothing within 0.2 seconds'

def test_what_ends_or_fails_is_left_alone():
    assert tried(lambda: 1, LONG)==1
    assert tried(lambda: 1/0, LONG).what.startswith('ZeroDivisionError')

def run_where_ctrl_c_is_ignored(code):
    "What a process prints that a shell has started in the background, as far as signals go"
    code = f'from test_time_limit import *\n{code}'
    shell = """trap '' INT; exec "$0" -c "$1" """
    done = subprocess.run(['bash','-c',shell,sys.executable,code], cwd=ROOT/'tests', capture_output=True, text=True,
        timeout=LONG)
    assert done.returncode==0, done.stdout+done.stderr
    return done.stdout

def test_where_ctrl_c_is_ignored_the_same_is_ended_and_ctrl_c_stays_ignored():
    said = run_where_ctrl_c_is_ignored('print(signal.getsignal(signal.SIGINT).name)\n'
        'for f in ENDLESS: print(tried(f).what)\n'
        'signal.raise_signal(signal.SIGINT)\n'
        'print(signal.getsignal(signal.SIGINT).name)')
    assert said.splitlines() == ['SIG_IGN', *['nothing within 0.2 seconds']*len(ENDLESS), 'SIG_IGN']

def test_ctrl_c_is_that_of_the_handler_that_was_there():
    with pytest.raises(KeyboardInterrupt, match='by hand'), time_limit(LONG): signal.raise_signal(signal.SIGINT)

def test_the_inner_of_two_limits_ends_what_is_inside_it_only():
    with time_limit(LONG):
        with pytest.raises(TimeoutError), time_limit(0.2): forever()
        found = 1
    assert found==1

def test_the_outer_of_two_limits_ends_both():
    with pytest.raises(TimeoutError):
        with time_limit(0.2):
            with pytest.raises(calling.OutOfTime), time_limit(LONG): forever()
            forever()

def test_one_limit_after_the_other_leaves_nothing_behind():
    for _ in range(20):
        with pytest.raises(TimeoutError), time_limit(0.01): forever()
    before = threading.active_count()
    for _ in range(200):
        with time_limit(LONG): pass
    assert threading.active_count() <= before

def in_a_thread(f):
    "What `f` returns in another thread than the main one"
    with ThreadPoolExecutor(1) as ex: return ex.submit(f).result()

SWALLOWS_ONCE = [forever,swallow_once,swallow_ctrl_c,swallow_and_return,another_error]

@pytest.mark.parametrize('endless', SWALLOWS_ONCE, ids=lambda o: o.__name__)
def test_in_another_thread_what_computes_is_ended_too(endless):
    assert in_a_thread(lambda: tried(endless)).what=='nothing within 0.2 seconds'

def test_in_another_thread_what_ends_is_left_alone():
    assert in_a_thread(lambda: [tried(lambda: o, LONG) for o in range(100)])==[*range(100)]

def test_an_import_is_waited_for_and_does_not_count(tmp_path, monkeypatch):
    slow = 'import time\nstart = time.process_time()\nwhile time.process_time() < start+1: pass\nwhole = True'
    (tmp_path/'slow_to_import.py').write_text(slow)
    monkeypatch.syspath_prepend(tmp_path)
    def answer():
        import slow_to_import
        return slow_to_import.whole
    assert tried(answer, 0.7) is True

def test_what_cannot_be_stopped_is_said(monkeypatch):
    "A long call into C notices nothing; here nobody asks, which is the same"
    monkeypatch.setattr(calling, 'STUCK', 1)
    monkeypatch.setattr(calling, 'interrupt_main', lambda: None)
    err = StringIO()
    with time_limit(0.1, err):
        while not err.getvalue(): pass
    assert err.getvalue().startswith('mnist_course: an answer has been asked to end')
