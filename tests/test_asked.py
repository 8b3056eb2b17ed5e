"Exercises with many right answers are asked questions: each fault has its sentence, and two at once have both"
from itertools import cycle

import pytest,torch

from mnist_course.exercises import bugs
from mnist_course.exercises.core import CheckFailed
from mnist_course.exercises.loaders import loader_problem

N,BS = 50,8
X,Y = torch.arange(N)[:,None]+torch.tensor([0.,0.5]),torch.arange(N)[:,None]//4

def cut(i, bs=BS): return [(X[o],Y[o]) for o in i.split(bs)]
def sound(): return cut(torch.randperm(N))
def in_order(): return cut(torch.arange(N))
def pieces(x, y): return list(zip(x.split(BS), y.split(BS)))
def inside(b): return [(x[i],y[i]) for x,y in b for i in [torch.randperm(len(x))]]
def shuffled(parts): return [parts[i] for i in torch.randperm(len(parts))]

FIXED = torch.randperm(N, generator=torch.Generator().manual_seed(1))
LOADERS = {
    "nothing: is `return` missing": lambda: None,
    "something else than pairs": lambda: [x for x,_ in sound()],
    "yields single items": lambda: zip(X, Y),
    "x and y are swapped": lambda: [(y,x) for x,y in sound()],
    "x is paired with x": lambda: [(x,x) for x,_ in sound()],
    "cut into different pieces": lambda: [(x,y[:1]) for x,y in sound()],
    "lose their shape": lambda: [(x,y[:,0]) for x,y in sound()],
    "changes the items": lambda: [(x/2+100,y) for x,y in sound()],
    "doesn't end": lambda: cycle(sound()),
    "It yields nothing": lambda: [],
    "drawn with replacement": lambda: cut(torch.randint(N, (N,))),
    "Each batch is drawn anew": lambda: [cut(torch.randperm(N))[0] for _ in range(7)],
    "an empty batch": lambda: sound() + cut(torch.arange(0)),
    "smaller, is left out": lambda: sound()[:-1],
    "only the first batch": lambda: sound()[:1],
    "as a single batch": lambda: cut(torch.randperm(N), N),
    "one item at a time": lambda: cut(torch.randperm(N), 1),
    "Some items are left out": lambda: sound()[:3],
    "It makes `bs` batches": lambda: cut(torch.randperm(N), 7),
    "have the wrong sizes": lambda: cut(torch.randperm(N), 10),
    "Only x is shuffled": lambda: pieces(X[torch.randperm(N)], Y),
    "Only y is shuffled": lambda: pieces(X, Y[torch.randperm(N)]),
    "come in different orders": lambda: pieces(X[torch.randperm(N)], Y[torch.randperm(N)]),
    "Nothing is shuffled": in_order,
    "It goes backwards": lambda: cut(torch.arange(N).flip(0)),
    "shuffles whole batches": lambda: shuffled(in_order()),
    "shuffles inside of each batch": lambda: inside(in_order()),
    "comes too early": lambda: sound()[::-1],
    "shuffled once, and then never again": lambda: cut(FIXED),
}

@pytest.mark.parametrize('words', LOADERS)
def test_a_loaders_fault_has_its_sentence(words):
    cause = loader_problem(LOADERS[words], X, Y, BS).cause
    assert words in cause and '(2)' not in cause

@pytest.mark.parametrize('words', [("smaller, is left out","shuffled once"), ("single batch","Only x is shuffled")])
def test_two_faults_of_a_loader_are_named_together(words):
    faulty = dict(zip(["smaller, is left out","single batch"], [lambda: cut(FIXED)[:-1], lambda: [(X[FIXED],Y)]]))
    cause = loader_problem(faulty[words[0]], X, Y, BS).cause
    assert all(o in cause for o in words)

def test_a_loader_that_runs_dry_is_told():
    once = iter(sound())
    assert "runs dry" in loader_problem(lambda: once, X, Y, BS).cause

def test_sound_loaders_are_sound():
    assert loader_problem(sound, X, Y, BS) is None
    assert loader_problem(in_order, X, Y, BS, shuffled=False) is None
    assert loader_problem(lambda: cut(torch.arange(N), 64), X, Y, 64) is None # a single batch needn't be mixed

def by(order, n_of=lambda n: n, other=None):
    "A split by a random order, of the images and of the labels"
    def split(x, y, n):
        i = order(len(x))
        j,n = (other or (lambda k: i))(len(x)),n_of(n)
        return (x[i[n:]],y[j[n:]]),(x[i[:n]],y[j[:n]])
    return split

def exchanged(x, y, n): return by(torch.randperm)(x, y, n)[::-1]
def all_to_train(x, y, n): return (x,y),by(torch.randperm)(x, y, n)[1]
def overlapping(x, y, n):
    i = torch.randperm(len(x))
    return (x[i[:-n]],y[i[:-n]]),(x[i[:n]],y[i[:n]])
def independent(x, y, n): return by(torch.randperm)(x, y, n)[0],by(torch.randperm)(x, y, n)[1]
def replaced(x, y, n):
    valid,train = torch.randint(n, (n,)),torch.randint(n, len(x), (len(x)-n,))
    return (x[train],y[train]),(x[valid],y[valid])

SPLITS = {"returns no pair of pairs": lambda x,y,n: (x,y), "wrong way round": exchanged,
    "still holds all": all_to_train, "the cuts overlap": overlapping, "independently": independent,
    "with replacement": replaced, "isn't random": by(torch.arange),
    "sizes are wrong": by(torch.randperm, lambda n: n+1), "different orders": by(torch.randperm, other=torch.randperm),
    "lose their shape": lambda x,y,n: [(a,b.view(-1, 1, 1)) for a,b in by(torch.randperm)(x, y, n)],
    "(2) It isn't random": by(torch.arange, lambda n: n+1)}

def said(check, f):
    "The cause that a check names"
    with pytest.raises(CheckFailed) as e: check(f)
    return str(e.value).split('Likely cause: ')[1]

@pytest.mark.parametrize('words', SPLITS)
def test_a_splits_fault_has_its_sentence(words): assert words in said(bugs.check_mended_split, SPLITS[words])

@pytest.mark.parametrize('check,things', [(bugs.check_loss_is_sound,bugs.LOSSES),
    (bugs.check_step_is_sound,bugs.STEPS)])
def test_who_misjudges_one_thing_is_told_what_it_does(check, things):
    for odd in things:
        def test(f): return next(o.sound for o in things if o.do is f) != (odd.do is f)
        assert said(check, test).startswith(odd.tells)
