"What a check does for any exercise: it tries an answer, finds the cause of what is wrong, and sees whose answer it is"
import contextlib,functools,io,re,sys,types
from importlib.util import module_from_spec,spec_from_file_location

import pytest,torch
from torch import nn
from torch.nn import functional as F

from conftest import ROOT
from mnist_course import exercises
from mnist_course.exercises import CheckFailed,NotYours
from mnist_course.exercises.core import Trial,asking,bind,judge,same,short
from mnist_course.exercises.inputs import NO_SLOPE,labels,mixed,normal,randomly,untouched,value_and_slope
from mnist_course.exercises.origin import bound_by,own
from mnist_course.exercises.stages import Form,chains

X = torch.tensor([[1.,2.],[3.,5.]])

def said(f, trials, causes=(), **kwargs):
    "What `judge` says of an answer, in parts: what came, what was expected and the cause; or None if all is well"
    try:
        with contextlib.redirect_stdout(io.StringIO()): judge('answer', f, trials, causes, 'chapter 01', **kwargs)
    except CheckFailed as e:
        found = re.search('it gave  (.*)\nexpected (.*)\nLikely cause: (.*)\nRead', str(e), re.S)
        return types.SimpleNamespace(gave=found[1], expected=found[2], cause=found[3])

def row_sums(x): return x.sum(1)

def trial(x=X, right=row_sums, **kwargs):
    return Trial(lambda f: untouched(f, x=x)[0], right(x), f"x = {short(x)}", **kwargs)

def cause(f, *args, **kwargs): return said(f, *args, **kwargs).cause


# Answers that are no results

def endless(x):
    while True: pass

def stubborn(x):
    while True:
        try: endless(x)
        except BaseException: pass

def stub(x): raise NotImplementedError
def calls_stub(x): return stub(x)+1
def in_place(x): return x.mul_(2).sum(1)
def by_exit(x): exit()
def by_error(x): return x.nothing
def misspelt(x): return summe(x)
def nothing(x): x.sum(1)

@pytest.mark.parametrize('f,words', [
    (nothing,'return'), (stub,'still to do'), (calls_stub,'calls `stub`'), (in_place,'in place'),
    (endless,'never ends'), (stubborn,'never ends'), (by_exit,'exit or quit'), (by_error,'AttributeError'),
    (misspelt,"`summe` isn't defined"), (lambda x: x.sum(1).tolist(),'a list, and a tensor'),
    (lambda x: x.sum(1, keepdim=True),'shape is (2, 1) and should be (2,)'), (lambda x: -x.sum(1),'sign'),
    (lambda x: 3*x.sum(1),'3 times')])
def test_what_is_wrong_with_any_answer_is_said(f, words):
    assert words in cause(f, [trial(limit=0.2), trial(X+1)])

def test_a_right_answer_gets_a_line(capsys):
    judge('answer', row_sums, [trial()])
    assert capsys.readouterr().out=='answer: all well\n'

def test_what_is_no_function_is_said():
    with pytest.raises(CheckFailed, match='Pass the function itself'): judge('f', 3, [trial()])

def test_a_tensor_for_a_number_is_said():
    assert 'returns 2 numbers' in cause(lambda x: x.sum(1)+1, [Trial(lambda f: f(X), 11., '')])

def test_the_line_of_an_error_is_shown():
    space = {'__name__':'__main__'}
    exec('def f(x):\n    y = 1\n    return x/0*[]', space)
    assert 'in line 3 of f' in said(space['f'], [trial()]).gave

def test_an_error_after_a_wrong_result_does_not_hide_its_cause():
    def f(x): return x.sum(1)+1 if len(x)==2 else x.nothing
    one_more = [('one more', lambda x: x.sum(1)+1)]
    assert cause(f, [trial(normal(2, 3)), trial(normal(3, 3))], one_more)=='one more'


# Numbers

def test_a_number_may_be_rounded_to_four_digits_and_no_less():
    exact = Trial(lambda f: f(), 2/3, '', tol=1e-7)
    assert said(lambda: round(2/3, 4), [exact]) is None and said(lambda: round(2/3, 6), [exact]) is None
    assert said(lambda: round(2/3, 2), [exact]) and said(lambda: 0.6668, [exact])

def test_a_rounded_mistake_is_found_too():
    trials = [of(normal(n), normal(n).mean().item()) for n in (3,5,7)]
    for t in trials: t.tol = 1e-7
    assert cause(lambda x: round(x.sum().item(), 4), trials, [('a sum', torch.sum)])=='a sum'

def test_two_different_numbers_are_never_shown_as_equal():
    found = said(lambda: 0.66674, [Trial(lambda f: f(), 0.66666, '', tol=1e-6)])
    assert found.gave!=found.expected

@pytest.mark.parametrize('a,b,equal', [
    (1., torch.tensor(1.), True), (torch.tensor([1.]), 1., True), (torch.tensor([1.]), torch.tensor(1.), True),
    (torch.tensor([1.,2.]), 1., False), (1, True, False), ([1.], (1.,), True), (float('nan'), float('nan'), True),
    ({'a':1.}, {'a':1.00001}, True), ('a', 'a', True), (None, 0., False), (1e-9, 0., True)])
def test_results_are_compared_as_a_learner_would(a, b, equal): assert same(a, b) is equal


# Causes

def power_mean(power, mean, root): return lambda x: root(mean(power(x)))
STAGES = dict(
    power=[Form(torch.square), Form(torch.abs, 'no square')],
    mean=[Form(torch.mean), Form(torch.sum, 'a sum'), Form(torch.amax, 'a maximum')],
    root=[Form(torch.sqrt), Form(lambda o: o, 'no root')])

def of(x, want): return Trial(lambda f: f(x), want, '')
MEANS = [of(normal(n), normal(n).square().mean().sqrt()) for n in (4,9,25,33,2)]

@pytest.mark.parametrize('f,words', [
    (lambda x: (sum(v*v for v in x))**0.5, ['a sum']), (lambda x: sum(x*x), ['a sum','no root']),
    (lambda x: max(abs(v) for v in x)**0.5, ['no square','a maximum'])])
def test_one_mistake_and_two_at_once_are_named(f, words):
    found = cause(f, MEANS, chains(power_mean, STAGES))
    assert all(o in found for o in words) and ('2 mistakes at once' in found)==(len(words)==2)

def test_two_mistakes_are_not_named_for_what_may_be_chance():
    for trials in (MEANS[:2],MEANS): assert 'one' not in cause(lambda x: 0.5, trials, [(('one','two'), lambda x: 0.5)])

def test_one_plain_number_before_an_error_names_nothing():
    def f(x): return torch.tensor(0.5) if len(x)==4 else x.nothing
    assert 'half' not in cause(f, MEANS, [('half', lambda x: 0.5)])

def test_the_only_number_of_an_exercise_may_name_a_cause():
    assert cause(lambda: 0.5, [Trial(lambda f: f(), 0.25, '')], [('half', lambda: 0.5)])=='half'

train_x = normal(3, 2)

def stale(x): return x.sum(1)+train_x.sum()
def reads_for_nothing(x): return x.sum(1)*2 + 0*len(train_x)
def fails_beside(x): return x.nothing if len(train_x) else x

def test_a_global_is_named_if_the_result_changes_with_it():
    assert '`train_x`' in cause(stale, [trial()])
    assert 'train_x' not in cause(reads_for_nothing, [trial()]) and 'train_x' not in cause(fails_beside, [trial()])
    assert same(train_x, normal(3, 2))

def test_a_batch_of_one_is_tried_twice_over():
    one = [of(normal(n, 1), normal(n, 1)[:,0]) for n in (3,1)]
    assert 'squeeze(1)' in cause(lambda x: x.squeeze(), one)
    assert 'batch of one' in cause(lambda x: x[:,0] if len(x)>1 else x[0,0]+1, one)

def test_an_error_on_a_batch_of_one_is_explained():
    bce = nn.BCEWithLogitsLoss()
    def loss_trial(n):
        return Trial(lambda f: f(normal(n, 1), torch.ones(n)), bce(normal(n, 1)[:,0], torch.ones(n)), '')
    assert 'squeeze(1)' in cause(lambda p,y: bce(p.squeeze(), y), [loss_trial(3), loss_trial(1)])

def crashes(f, preds, targets): return f.nothing

def twice(f, preds, targets):
    once,again = f(preds, targets),f(torch.cat([preds]*2), torch.cat([targets]*2))
    return None if same(again, once) else 'The same batch twice: more.'

def test_questions_are_asked_where_no_cause_is_known():
    preds,yb = mixed(37)
    def right(p, y): return F.binary_cross_entropy_with_logits(p, y.float())
    def odd(targets, predictions): return right(predictions, targets)*len(targets)**0.5
    def ask(f, questions=(crashes,twice)):
        trials = [Trial(lambda f: bind(f, preds=preds, yb=yb)(), right(preds, yb), '')]
        return said(f, trials, questions=asking(questions, preds, yb))
    assert ask(odd).cause=='The same batch twice: more.' and ask(right) is None
    assert 'No usual' in ask(odd, (crashes,)).cause

def test_a_mistake_is_named_before_questions_are_asked():
    def ask(f): raise AssertionError
    assert cause(lambda x: x.sum(1)+1, [trial()], [('one more', lambda x: x.sum(1)+1)], questions=ask)=='one more'


# Calls on copies

def test_value_and_slope():
    x,y = normal(4, 2),labels(4, k=2)
    v,g = value_and_slope(lambda preds: preds.square().sum(), 'preds', preds=x)
    assert same(v, x.square().sum()) and same(g, 2*x)
    assert same(value_and_slope(lambda preds: preds.detach(), 'preds', preds=x), (x,NO_SLOPE))
    assert value_and_slope(lambda preds: 1., 'preds', preds=x)==1.
    *_,slope = value_and_slope(lambda preds,yb: preds.softmax(1), 'preds', weigh=randomly, preds=x, yb=y)
    assert slope.abs().max()>1e-3

def test_what_is_changed_in_place_is_said_and_stays_with_the_copy():
    x = normal(3)
    with pytest.raises(CheckFailed, match='changed `xb`'): untouched(lambda xb: xb.add_(1), xb=x)
    assert same(x, normal(3))
    with pytest.raises(CheckFailed, match='changed `xb`'): value_and_slope(lambda xb: xb.mul_(2), 'xb', xb=x)


# Whose answer it is

def check_sigmoid(f): return 'looked at'
look = own(check_sigmoid)
def sigmoid(x): return 1/(1+(-x).exp())
class Sigmoid(nn.Module):
    def forward(self, x): return x.sigmoid()

def module_of_mine(tmp_path, monkeypatch):
    path = tmp_path/'my_answers.py'
    path.write_text('def sigmoid(x): return x.sigmoid()')
    spec = spec_from_file_location('my_answers', path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, 'my_answers', module)
    return module

@pytest.mark.parametrize('f', [
    sigmoid, lambda x: torch.sigmoid(x), Sigmoid(), Sigmoid, functools.partial(torch.pow, exponent=2), nn.Sigmoid(),
    torch.no_grad()(sigmoid), Sigmoid().forward, nn.Sigmoid, F.logsigmoid])
def test_what_one_has_made_is_ones_own(f): assert look(f)=='looked at'

def fastai_names():
    import fastai.basics
    return fastai.basics

@pytest.mark.parametrize('get', [lambda: torch.sigmoid, lambda: F.sigmoid, lambda: fastai_names().sigmoid],
    ids=['torch','functional','fastai'])
def test_what_a_library_calls_so_is_not(get):
    with pytest.raises(NotYours, match='is imported'): look(get())

def test_an_object_of_a_library_is_known_by_its_name():
    def check_rmse(f): return 'looked at'
    with pytest.raises(NotYours): own(check_rmse)(fastai_names().rmse)

def test_what_the_course_has_written_is_not_ones_own_under_any_name():
    from mnist_course.learner import simple_net
    with pytest.raises(NotYours, match='mnist_course'): look(simple_net)

def in_notebook(source, **names):
    "Run `look(sigmoid)` as in a notebook whose last cell was this"
    space = {'__name__':'__main__', 'In':['', source], 'look':look, **names}
    exec(source, space)
    return eval('look(sigmoid)', space)

def test_in_a_notebook_an_import_under_another_name_is_no_answer_and_a_name_of_ones_own_is():
    assert in_notebook('from torch.nn.functional import logsigmoid\nsigmoid = logsigmoid')=='looked at'
    with pytest.raises(NotYours): in_notebook('from torch.nn.functional import logsigmoid as sigmoid')

def test_in_a_notebook_another_file_is_no_answer(tmp_path, monkeypatch):
    mine = module_of_mine(tmp_path, monkeypatch)
    with pytest.raises(NotYours, match='my_answers'): in_notebook('from my_answers import sigmoid')
    assert look(mine.sigmoid)=='looked at' # a teacher's script, say

@pytest.mark.parametrize('source,how', [
    ('def f(x): pass','own'), ('class f: pass','own'), ('f = 1','own'), ('g,f = 1,2','own'),
    ('from a import f','import'), ('import b as f','import'), ('from a import *',None), ('f(1)',None),
    ('def f(x)',None),
    ('from a import f\ndef f(): pass','own')])
def test_how_a_cell_binds_a_name(source, how): assert bound_by(source, 'f')==how

def test_a_cell_that_was_interrupted_gets_no_points():
    source = 'def sigmoid(x): return x'
    cell = types.SimpleNamespace(raw_cell=source+'\nwhile True: pass')
    result = types.SimpleNamespace(error_in_exec=KeyboardInterrupt(), info=cell)
    shell = types.SimpleNamespace(last_execution_result=result)
    with pytest.raises(NotYours, match='interrupted'): in_notebook(source, get_ipython=lambda: shell)
    result.error_in_exec = ValueError()
    assert in_notebook(source, get_ipython=lambda: shell)=='looked at'

def test_every_check_looks_whose_answer_it_is():
    for checks in exercises.ASSIGNMENTS.values():
        for check in checks: assert getattr(exercises, check).__wrapped__.__name__==check

def test_the_names_of_before_are_the_same_modules():
    from mnist_course import checks
    from mnist_course.checks.core import CheckFailed as of_before
    from mnist_course.checks.perceptron import check_sigmoid
    assert checks.check_sigmoid is check_sigmoid is exercises.check_sigmoid and of_before is CheckFailed


# CONTRIBUTING.md's exercise

TEXT = (ROOT/'CONTRIBUTING.md').read_text(encoding='utf-8')

def block(name): return re.search(rf'<!-- {name} -->\n```\w*\n(.*?)```', TEXT, flags=re.S)[1]

def exercise_of_contributing():
    space = {'__name__':'__main__'}
    exec(block('exercise'), space)
    return space

def test_the_exercise_in_contributing_says_what_it_shows():
    with pytest.raises(CheckFailed) as e: exec(block('answer'), exercise_of_contributing())
    assert str(e.value)==block('message').strip()

def test_the_exercise_in_contributing_takes_right_answers_and_is_short(capsys):
    check = exercise_of_contributing()['check_row_sizes']
    check(lambda x: x.norm(dim=1)/x.shape[1]**0.5)
    assert capsys.readouterr().out=='row_sizes: all well\n' and len(block('exercise').splitlines())<=30
