"""What the checks say to answers put together at random from the parts in parts.py, with no, one or two faults

`python tests/test_products.py 300` prints the counts for 300 wrong and 300 right ones, and each failure in full; with
names of exercises behind the number, for these alone."""
import contextlib,io,linecache,math,random,re,sys
from dataclasses import dataclass
from functools import lru_cache,partial
from itertools import cycle

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from mnist_course import exercises
from parts import ALSO,EXERCISES,FAULTS,TWINS,Exercise

TRIES = 30 # to find an answer that hasn't been drawn before
LEAST_NAMED = 0.95 # share of the wrong answers whose causes must all be named
TOLERANCE = dict(parameters=0.15) # in the statistics of random numbers; elsewhere that of `Results`

# ---- An answer

@dataclass(frozen=True)
class Answer:
    exercise: Exercise
    faults: frozenset
    source: str

def fill(text, codes):
    "`text` with code in place of each slot; all lines of a part are indented as the slot's line is"
    slots = re.compile(r'\$(' + '|'.join(sorted(codes, key=len, reverse=True)) + ')')
    lines = []
    for line in text.split('\n'):
        indent = '\n' + line[:len(line)-len(line.lstrip())]
        lines.append(slots.sub(lambda m: codes[m[1]].replace('\n', indent), line).rstrip())
    return '\n'.join(o for o in lines if o)

def run_source(source, filename='<learner>'):
    "The names that a learner's cell defines, run as in a notebook"
    linecache.cache[filename] = len(source),None,source.splitlines(True),filename
    space = dict(__name__='__main__', torch=torch, nn=nn, F=F, np=np, math=math, partial=partial, tensor=torch.tensor)
    exec(compile(source, filename, 'exec'), space)
    return space

def made(answer): return run_source(answer.source)[answer.exercise.name]

def draw(rnd, n_wrong, exercise):
    "A random answer with `n_wrong` faults, or None where the style that was drawn can't have so many"
    text,slots = rnd.choice(exercise.styles)
    can = [k for k,o in slots.items() if o.wrong]
    if len(can)<n_wrong: return None
    wrong = {k: rnd.choice(list(slots[k].wrong)) for k in rnd.sample(can, n_wrong)}
    if not all(o.right for k,o in slots.items() if k not in wrong): return None
    codes = {k: rnd.choice(o.wrong[wrong[k]] if k in wrong else o.right) for k,o in slots.items()}
    return Answer(exercise, frozenset(wrong.values()), fill(text, codes))

def drawn(n, wrong, names=(), seed=0):
    "`n` different answers: right ones, or wrong ones with one or two faults that really are theirs"
    rnd,res = random.Random(seed),{}
    some = [o for o in EXERCISES if not names or o.name in names]
    for _,exercise in zip(range(TRIES*n), cycle(some)):
        for _ in range(TRIES):
            answer = draw(rnd, rnd.choice((1,2)) if wrong else 0, exercise)
            if answer and answer.source not in res and (not wrong or is_own(answer)): break
        else: continue
        res[answer.source] = answer
        if len(res)==n: break
    return list(res.values())

# ---- What an answer gives: asked here, so that no fault is drawn that can't be seen or is another one as well

class Results:
    "Shapes and numbers that an answer gave, one after the other"
    def __init__(self): self.kinds,self.numbers = [],[]
    def add(self, f, *args):
        "Add what `f(*args)` gives, or which error it raises"
        try: res = f(*args)
        except Exception as e: return self.kinds.append(type(e).__name__)
        if res is None: return self.kinds.append('nothing')
        res = torch.as_tensor(res).detach().double()
        self.kinds.append(tuple(res.shape))
        self.numbers += res.flatten().tolist()
    def same(self, other, tol=1e-3):
        if self.kinds!=other.kinds: return False
        return np.allclose(self.numbers, other.numbers, rtol=tol, atol=tol/10 if tol<0.01 else tol, equal_nan=True)

def randn(*shape, seed=0): return torch.randn(shape, generator=torch.Generator().manual_seed(seed))
def labels(n, k, seed=0): return torch.randint(k, (n,), generator=torch.Generator().manual_seed(seed))

def loss_and_gradient(f, preds, yb, res):
    "Both, and whether there is a gradient at all"
    preds = preds.clone().requires_grad_()
    def gradient():
        f(preds, yb).backward()
        return preds.grad
    res.add(f, preds, yb)
    res.add(gradient)

def small_loss_1(f, res):
    for seed,n in enumerate((6,1,9)): loss_and_gradient(f, randn(n, 1, seed=seed), labels(n, 2,
    seed+1)[:,None].float(), res)

def loss_1(f, res):
    small_loss_1(f, res)
    loss_and_gradient(f, torch.tensor([[-200.],[200.],[-90.],[30.]]), torch.tensor([[1.],[0.],[0.],[1.]]), res)

def nll(f, res):
    for n,k in ((4,3),(3,5),(1,4),(7,7)): loss_and_gradient(f, randn(n, k).log_softmax(1), labels(n, k, 3), res)

def loss_10(f, res):
    for n,k in ((4,3),(3,5),(1,4),(7,7)): loss_and_gradient(f, 3*randn(n, k), labels(n, k, 3), res)
    loss_and_gradient(f, torch.tensor([[0.,-200.,1.],[1000.,1001.,0.],[-1000.,-999.,0.]]), torch.tensor([1,0,2]), res)
    loss_and_gradient(f, 5000*randn(3, 4), torch.tensor([0,3,1]), res)

def probabilities(f, res):
    for preds in (3*randn(4, 3),randn(1, 5),randn(5,
    5),torch.tensor([[0.,-200.,1.],[1000.,1001.,0.],[-1000.,-999.,0.]]),5000*randn(3, 4)):
        loss_and_gradient(lambda x,weights: (f(x)*weights).sum(), preds, randn(*preds.shape, seed=1), res)
        res.add(f, preds)

def metric_1(f, res):
    for seed,n in enumerate((7,1,12,70)):
        preds,yb = 2*randn(n, 1, seed=seed),labels(n, 2, seed+1)[:,None].float()
        res.add(f, preds, yb)
        res.add(f, preds[:,0]+1, yb[:,0])

def metric_10(f, res, shape=(-1,), sizes=((7,4),(1,3),(5,5),(70,10))):
    for seed,(n,k) in enumerate(sizes):
        preds,yb = randn(n, k, seed=seed),labels(n, k, seed+1)
        preds[::2] += 3*F.one_hot(yb[::2], k)
        res.add(f, preds, yb.view(shape))

def metric_column(f, res): metric_10(f, res, (-1,1))
def metric_ten(f, res): metric_10(f, res, sizes=((7,10),(1,10),(60,10)))

def validation(f, res):
    def share(preds, yb): return ((preds>0)==yb).float().mean()
    for sizes in ((4,4,1),(3,),(5,5,5)):
        dl = [(randn(n, 1, seed=i+1),labels(n, 2, i)[:,None]) for i,n in enumerate(sizes)]
        res.add(f, nn.Identity(), dl, share)

def off(preds, yb): return torch.where(yb==1, 1-preds.sigmoid(), 2*preds.sigmoid()).mean()
def small_data(): return [(randn(n, 3, seed=n+i),labels(n, 2, n+i)[:,None].float()) for i,n in enumerate((4,4,2))]

def epoch(f, res):
    for lr in (0.5,0.1):
        w,b = randn(3, 1).requires_grad_(),torch.ones(1, requires_grad=True)
        for _ in range(2):
            res.add(f, lambda x: x@w+b, lr, [w,b], small_data(), off)
            res.add(torch.cat, [w.flatten(),b])

def step(f, res):
    model = nn.Linear(3, 1)
    model.load_state_dict(dict(weight=randn(1, 3), bias=torch.ones(1)))
    opt = torch.optim.SGD(model.parameters(), lr=0.5, momentum=0.9)
    for xb,yb in small_data():
        res.add(f, xb, yb, model, off, opt)
        res.add(lambda: torch.cat([p.flatten() for p in model.parameters()]))
    res.add(lambda: float(torch.as_tensor(f(*small_data()[0], model, off, opt)).requires_grad))

def optimizer(f, res, **kwargs):
    for lr,last_used,clear,kind in ((0.5,True,True,iter),(0.1,False,True,iter),(0.1,True,False,list)):
        a,b,c = randn(3, 1).requires_grad_(),torch.ones(1, requires_grad=True),torch.ones(2, requires_grad=True)
        opt = f(kind([a,b,c]), lr, **kwargs)
        for xb,_ in small_data():
            ((xb@a+b).sigmoid().sum()*(c.sum()**2 if last_used else 1)).backward()
            res.add(opt.step)
            if clear: res.add(opt.zero_grad)
            res.add(torch.cat, [o.flatten() for o in (a,b,c)])

def momentum(f, res):
    for m in (0.9,0.5): optimizer(f, res, momentum=m)

def distance(f, res):
    for shape in ((3,4,5),(1,2,2),(28,28,28)): res.add(f, randn(*shape), randn(*shape[1:], seed=1))

def distances(f, res):
    for n,k in ((3,4),(5,2),(8,8)):
        x,means = randn(n, 28, 28),randn(k, 28, 28, seed=1)
        x[:,0,::2] += 3*randn(n, 14, seed=2) # few pixels that are far off count more when squared
        means[::2,:2] *= 3
        means[1::2] += 0.8
        res.add(f, x, means)

def ideals(f, res):
    y = torch.cat([torch.arange(10),labels(15, 10)])
    res.add(f, torch.randint(256, (25,28,28), generator=torch.Generator().manual_seed(0)).byte(), y)

def parameters(f, res):
    def facts(*args):
        torch.manual_seed(0)
        np.random.seed(0)
        w = f(*args)
        v = w.detach()
        return [v.mean().item(), v.std().item(), (v<0).float().mean().item(), ((v/(v.std()+1e-9))**4).mean().item(),
            10*w.requires_grad, 10*w.is_leaf]
    for args in ((20000,),((200,100),3.),(20000,0.4)): res.add(facts, *args)
    res.add(lambda: f((2,3)).detach()*0)
    res.add(lambda: f(3).detach()*0)

def linear(f, res):
    for n,b in ((4,1.5),(1,-2.),(9,0.5)): res.add(f, randn(n, 3), randn(3, 1, seed=1), torch.tensor([b]))

def asked(answer):
    "The `Results` of an answer"
    res = Results()
    try: f = made(answer)
    except Exception as e: res.kinds.append(type(e).__name__)
    else: globals()[answer.exercise.probe](f, res)
    return res

def single_and_double(slots):
    "The choices of a style's faults: none, one or two slots are wrong"
    can = [(k,o) for k,v in slots.items() for o in v.wrong]
    yield {}
    for i,(k,o) in enumerate(can):
        yield {k: o}
        for l,p in can[i+1:]:
            if l!=k: yield {k: o, l: p}

@lru_cache(None)
def known_results(name):
    "What the plainest answers to an exercise give, with all their single and double faults"
    res = []
    exercise = next(o for o in EXERCISES if o.name==name)
    for text,slots in exercise.styles:
        for wrong in single_and_double(slots):
            if not all(o.right for k,o in slots.items() if k not in wrong): continue
            codes = {k: o.wrong[wrong[k]][0] if k in wrong else o.right[0] for k,o in slots.items()}
            answer = Answer(exercise, frozenset(wrong.values()), fill(text, codes))
            res.append((answer.faults, asked(answer)))
    return res

def is_own(answer):
    "True unless a right answer, or one with other and no more faults, gives the same"
    results,tol = asked(answer),TOLERANCE.get(answer.exercise.probe, 1e-3)
    def plain(faults): return {TWINS.get(o, o) for o in faults}
    rivals = [o for faults,o in known_results(answer.exercise.name)
        if plain(faults)!=plain(answer.faults) and len(faults)<=len(answer.faults)]
    return not any(results.same(o, tol) for o in rivals)

# ---- What is said to it

def told(source, name):
    "None if the check takes the answer for right, else the cause that it names"
    with contextlib.redirect_stdout(io.StringIO()):
        try: getattr(exercises, f'check_{name}')(run_source(source)[name])
        except exercises.CheckFailed as e: return cause_in(str(e))

def cause_in(message):
    "What stands after 'Likely cause:' in a check's message, or all of it if there is no cause"
    found = re.search(r'Likely cause:\s*(.*?)(?:\nRead:|\Z)', message, re.S)
    return ' '.join((found[1] if found else message).split())

def says(pattern, text): return re.search(pattern, text, re.I) is not None

def verdict(answer):
    "What is wrong with what the check says to a wrong answer, as (kind, text): kind is 'named' if nothing is"
    cause = told(answer.source, answer.exercise.name)
    if cause is None: return 'accepted','it passes'
    also = set().union(*(ALSO.get(o, set()) for o in answer.faults))
    absent = answer.exercise.faults-answer.faults-also
    false = sorted(o for o in absent if says(FAULTS[o][1], cause))
    missing = sorted(o for o in answer.faults if not says(FAULTS[o][0], cause))
    if false: return 'false',f'speaks of {", ".join(false)}: {cause}'
    if missing: return 'missed',f'says nothing of {", ".join(missing)}: {cause}'
    return 'named',cause

def verdicts(n, names=()):
    "Counts of what is said to `n` wrong answers, and a text for each failure"
    counts,failures = dict.fromkeys(('named','missed','false','accepted'), 0),[]
    for answer in drawn(n, True, names):
        kind,text = verdict(answer)
        counts[kind] += 1
        faults = ', '.join(sorted(answer.faults))
        if kind!='named': failures.append(f'{answer.exercise.name} ({kind}), {faults}: it {text}\n{answer.source}')
    return counts,failures

def refusals(n, names=()):
    "A text for each of `n` right answers that is refused"
    answers = drawn(n, False, names)
    causes = [told(o.source, o.exercise.name) for o in answers]
    return [f'{o.exercise.name} refused: {c}\n{o.source}' for o,c in zip(answers, causes) if c is not None]

SOME,ALL = 80,300
BOTH = pytest.mark.parametrize('n', [SOME, pytest.param(ALL, marks=pytest.mark.slow)])

@BOTH
def test_wrong_answers_are_named(n):
    counts,failures = verdicts(n)
    print(f'{n} wrong answers:', counts, *failures, sep='\n\n')
    assert not counts['false'] and not counts['accepted']
    assert counts['named'] >= LEAST_NAMED*n

@BOTH
def test_right_answers_pass(n):
    refused = refusals(n)
    print(f'{n} right answers, {len(refused)} refused', *refused, sep='\n\n')
    assert not refused

@pytest.mark.parametrize('exercise', EXERCISES, ids=lambda o: o.name)
def test_parts_are_what_they_say(exercise):
    "Right parts all give the same, and each fault changes something in one of its styles at least"
    known = known_results(exercise.name)
    right = next(o for faults,o in known if not faults)
    tol = TOLERANCE.get(exercise.probe, 1e-3)
    for text,slots in exercise.styles:
        if not all(o.right for o in slots.values()): continue
        for k,o in slots.items():
            for code in o.right:
                source = fill(text, {l: code if l==k else p.right[0] for l,p in slots.items()})
                assert asked(Answer(exercise, frozenset(), source)).same(right, tol), source
    for fault in exercise.faults:
        assert not all(o.same(right, tol) for faults,o in known if faults=={fault}), fault

if __name__=='__main__':
    n,names = int(sys.argv[1]) if len(sys.argv)>1 else SOME,sys.argv[2:]
    counts,failures = verdicts(n, names)
    refused = refusals(n, names)
    print(*failures, *refused, f'{n} wrong answers: {counts}; {len(refused)} of {n} right ones refused', sep='\n\n')
