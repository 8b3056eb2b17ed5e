"""The assignments: masters, learners' versions, and what the checks say to right and to wrong answers

`tests/answers/N_name.py` holds answers to the exercises of an assignment, each under a line `# right: exercise` or
`# wrong: exercise | words of the cause that must be named`: right ones in three styles or more, and one to three wrong
ones as learners write them. The mistakes that a check knows need no answers here, as each of them is tried below.
`python tests/test_assignments.py` writes the learners' versions anew."""
import contextlib,io,random,re
from collections import Counter
from functools import cache,lru_cache
from pathlib import Path

import nbformat,pytest

from conftest import ROOT

MASTERS = sorted((ROOT/'nbs/assignments').glob('*.ipynb'))
RELEASED = ROOT/'assignments'
NAMES = [o.stem for o in MASTERS]

def learners_version(master):
    "A master's learner's version, by nbgrader's own steps"
    from nbgrader.preprocessors import CheckCellMetadata,ClearOutput,ClearSolutions,ComputeChecksums,LockCells
    nb = nbformat.read(master, 4)
    for step in (LockCells,ClearSolutions,ClearOutput,CheckCellMetadata,ComputeChecksums):
        nb,_ = step().preprocess(nb, {})
    return nbformat.writes(nb)+'\n'

def meta(cell): return cell.metadata.get('nbgrader', {})
def exercises(nb): return [meta(c).grade_id for c in nb.cells if meta(c).get('solution')]

@cache
def answers(name):
    "Answers to an assignment: `(kind, exercise, cause, source)`"
    path = ROOT/'tests/answers'/f'{name}.py'
    text = path.read_text(encoding='utf-8') if path.exists() else ''
    parts = re.split(r'^# (right|wrong): *(\w+)(?: *\| *(.*?))? *$', text, flags=re.M)[1:]
    return [tuple(parts[i:i+4]) for i in range(0, len(parts), 4)]

def right_answers(name, exercise): return [source for kind,o,_,source in answers(name) if (kind,o)==('right',exercise)]

def run(source, name, space):
    "Run a cell; what a check says, or None"
    from mnist_course.exercises import CheckFailed
    try:
        with contextlib.redirect_stdout(io.StringIO()): exec(compile(source, f'{name}.ipynb', 'exec'), space)
    except CheckFailed as e: return str(e)

@cache
def code_cells(name):
    nb = nbformat.read(RELEASED/f'{name}.ipynb', 4)
    return [c for c in nb.cells if c.cell_type=='code' and 'google.colab' not in c.source]

@lru_cache(maxsize=1) # one is some hundred megabytes, and tests come assignment by assignment
def untouched(name):
    "The names that a learner's version defines as it is, without its checks"
    space = {'__name__':'__main__'}
    for c in code_cells(name):
        if not meta(c).get('grade'): run(c.source, name, space)
    return space

def check_cell(name, exercise):
    cell, = [c for c in code_cells(name) if meta(c).get('grade_id')==f'check_{exercise}']
    return cell.source

def answered(name, exercise, source):
    "What the check of `exercise` says to an answer, None if all is well"
    space = dict(untouched(name))
    run(source, name, space)
    return run(check_cell(name, exercise), name, space)

def run_cells(name, given):
    "Run a learner's version with the answers in `given`: what each check says, None if all is well"
    space,said = {'__name__':'__main__'},{}
    for c in code_cells(name):
        res = run(given.get(meta(c).get('grade_id'), c.source), name, space)
        if meta(c).get('grade'): said[meta(c).grade_id] = res
    return said


# Answers as learners write them

LONG = {'perceptron','train_net','trained_net','train_digits','mended_setup'} # their checks train for a second or more
QUICK = dict(right=1, wrong=3) # of their answers, how many are tried by the default run

def numbered(kind):
    "The answers of one kind, as parameters"
    seen,res = Counter(),[]
    for name in NAMES:
        for i,o in enumerate(answers(name)):
            if o[0]!=kind: continue
            seen[o[1]] += 1
            slow = o[1] in LONG and seen[o[1]] > QUICK[kind]
            res.append(pytest.param(name, *o[1:], id=f'{name}-{o[1]}-{i}', marks=[pytest.mark.slow] if slow else []))
    return res

@pytest.mark.parametrize('name,exercise,cause,source', numbered('right'))
def test_right_answer_passes(name, exercise, cause, source):
    assert answered(name, exercise, source) is None

@pytest.mark.parametrize('name,exercise,cause,source', numbered('wrong'))
def test_wrong_answer_is_rejected_and_its_cause_named(name, exercise, cause, source):
    said = answered(name, exercise, source)
    assert said, 'accepted'
    assert cause.lower() in said.split('Likely cause:')[1].split('\nRead:')[0].lower(), said

@pytest.mark.parametrize('name', NAMES)
def test_untouched_version_scores_nothing_and_raises_nothing_else(name):
    said = run_cells(name, {})
    assert said and all(said.values())

@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize('style', [0, *(pytest.param(o, marks=pytest.mark.slow) for o in (1,2))])
def test_version_filled_in_another_style_passes(name, style):
    nb = nbformat.read(RELEASED/f'{name}.ipynb', 4)
    given = {o: right_answers(name, o)[style] for o in exercises(nb)}
    assert set(run_cells(name, given).values()) == {None}

@pytest.mark.parametrize('name', NAMES)
def test_each_exercise_has_three_right_answers_and_a_wrong_one(name):
    found = [a[:2] for a in answers(name)]
    for o in exercises(nbformat.read(RELEASED/f'{name}.ipynb', 4)):
        assert found.count(('right',o))>=3 and found.count(('wrong',o))>=1, o


# Mistakes that a check knows

def each():
    "Each exercise, as parameters; those that train are slow"
    return [pytest.param(name, o, marks=[pytest.mark.slow] if o in LONG else [], id=o) for name in NAMES
        for o in exercises(nbformat.read(RELEASED/f'{name}.ipynb', 4))]

def judged(name, exercise):
    "The trials and causes that a check hands to `judge`, given a right answer; or None if it has another way"
    from mnist_course.exercises import MODULES
    found,space = [],dict(untouched(name))
    def judge(name, f, trials, causes=(), *args, **kwargs): found.append((list(trials),list(causes)))
    run(right_answers(name, exercise)[0], name, space)
    with pytest.MonkeyPatch.context() as m:
        for module in MODULES.values():
            if hasattr(module, 'judge'): m.setattr(module, 'judge', judge)
        run(check_cell(name, exercise), name, space)
    return found[0] if found else None

class SelfTest:
    "Give the mistakes that a check knows to the search for causes, each run once on each trial"
    def __init__(self, trials, causes):
        from mnist_course.exercises.causes import result_of
        self.trials,self.causes = trials,causes
        self.run,self.seen = result_of,{}

    def result(self, trial, wrong):
        key = id(trial),id(wrong)
        if key not in self.seen: self.seen[key] = self.run(trial, wrong)
        return self.seen[key]

    def named(self, wrong):
        "What is said of a mistake; '' if it isn't named, and None if it passes"
        from mnist_course.exercises import causes
        from mnist_course.exercises.core import Problem,same
        results = []
        for t in self.trials:
            results.append(self.result(t, wrong))
            if isinstance(results[-1], Problem): break
        if all(same(r, t.want, t.tol) for t,r in zip(self.trials, results)): return
        with pytest.MonkeyPatch.context() as m:
            m.setattr(causes, 'result_of', self.result)
            return causes.known_cause(self.trials, results, self.causes) or ''

def sentences(text): return (text,) if isinstance(text, str) else tuple(text)

DOUBLES = 12 # of an exercise are tried

@pytest.mark.parametrize('name,exercise', each())
def test_a_mistake_is_named_by_its_own_sentence(name, exercise):
    "One of those that give the same on all trials is named; of each sentence, at least one mistake must be"
    found = judged(name, exercise)
    if not found or not found[1]: pytest.skip('its check compares with no mistakes')
    tested,own = SelfTest(*found),{}
    for text,wrong in found[1]:
        if len(sentences(text))>1: continue
        said = tested.named(wrong)
        assert said is not None, f"passes: {text}"
        own[sentences(text)[0]] = own.get(sentences(text)[0]) or said==sentences(text)[0]
    never = [text for text,named in own.items() if not named]
    assert not never, never

@pytest.mark.parametrize('name,exercise', each())
def test_two_mistakes_at_once_are_named(name, exercise):
    "Or what gives the same on all trials; a few may tell too little to be sure"
    found = judged(name, exercise)
    doubles = [(text, wrong) for text,wrong in found[1] if len(sentences(text))==2] if found else []
    if not doubles: pytest.skip('its check knows no two mistakes at once')
    some = random.Random(0).sample(doubles, min(DOUBLES, len(doubles)))
    tested = SelfTest(*found)
    unnamed = [text for text,wrong in some if tested.named(wrong)=='']
    assert len(unnamed) <= len(some)//4, unnamed


# Points for nothing

def given(name):
    "The names that a learner's version has before an answer: what its other cells import and define"
    space = {'__name__':'__main__', 'In':['']}
    for c in code_cells(name):
        if meta(c).get('grade') or meta(c).get('solution'): continue
        with contextlib.suppress(Exception): run(c.source, name, space) # some call what is still to be written
    return space

def points_for(name, exercise, source, space):
    "Does a cell with this source, run or not, get its points?"
    space = {**space, 'In':[*space['In'], source]}
    with contextlib.suppress(Exception): run(source, name, space)
    try: return run(check_cell(name, exercise), name, space) is None
    except NameError: return False

COURSE = [o.stem for o in sorted((ROOT/'mnist_course').glob('*.py')) if not o.stem.startswith('_')]
SOURCES = ['torch','torch.nn','torch.nn.functional','fastai.basics','fastai.vision.all','fastai.metrics',
    *(f'mnist_course.{o}' for o in COURSE if o not in ('demo','checks'))]
RENAMED = dict( # what does the same as an exercise, under another name
    bce_loss='torch.nn.functional import binary_cross_entropy_with_logits', make_opt='fastai.basics import SGD',
    two_layer_net='mnist_course.learner import simple_net', MyOptim='mnist_course.optimizer import BasicOptim',
    digit_accuracy='mnist_course.cross_entropy import accuracy')

def imports(exercise):
    "Imports of an exercise's name from wherever it is to be had"
    from importlib import import_module
    for source in SOURCES:
        if hasattr(import_module(source), exercise): yield f"from {source} import {exercise}"
    if exercise in RENAMED: yield f"from {RENAMED[exercise]} as {exercise}"

@pytest.mark.parametrize('name', NAMES)
def test_an_empty_broken_or_imported_answer_gets_no_point(name):
    space = given(name)
    for exercise in exercises(nbformat.read(RELEASED/f'{name}.ipynb', 4)):
        for source in ('', f'def {exercise}(*args)\n    return args', '1/0', *imports(exercise)):
            assert not points_for(name, exercise, source, space), (exercise, source)

STUBBORN = """def {}(*args, **kwargs):
    while True:
        try:
            while True: pass
        except BaseException: pass"""

@pytest.mark.parametrize('name', NAMES)
def test_a_loop_that_catches_everything_gets_no_point(name, monkeypatch):
    from mnist_course.exercises import calling,trials
    monkeypatch.setattr(trials, 'time_limit', lambda seconds, err=None: calling.time_limit(min(seconds, 0.1), err))
    space = given(name)
    with calling.time_limit(300): # what hangs fails
        for exercise in exercises(nbformat.read(RELEASED/f'{name}.ipynb', 4)):
            assert not points_for(name, exercise, STUBBORN.format(exercise), space), exercise


# Masters and learners' versions

@pytest.mark.parametrize('master', MASTERS, ids=NAMES)
def test_learners_version_is_that_of_the_master(master):
    text = (RELEASED/master.name).read_text(encoding='utf-8')
    assert text == learners_version(master), 'run: python tests/test_assignments.py'

def solutions(master):
    "The lines of the solutions in a master"
    parts = [part for c in nbformat.read(master, 4).cells
        for part in re.findall(r'### BEGIN SOLUTION\n(.*?)### END SOLUTION', c.source, flags=re.S)]
    return [l.strip() for part in parts for l in part.splitlines()]

@pytest.mark.parametrize('master', MASTERS, ids=NAMES)
def test_no_released_file_holds_text_of_a_solution(master):
    released = '\n'.join(o.read_text(encoding='utf-8') for o in RELEASED.glob('*'))
    own = solutions(master)
    assert own and [l for l in own if len(l)>12 and l in released] == []

def test_counts():
    for kind in ('right','wrong'):
        print(f"\n{kind} answers: {sum(o[0]==kind for name in NAMES for o in answers(name))}", end='')

if __name__=='__main__':
    RELEASED.mkdir(exist_ok=True)
    for o in MASTERS: (RELEASED/o.name).write_text(learners_version(o), encoding='utf-8')
