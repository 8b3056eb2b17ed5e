"Assignment 4: all ten digits"
from contextlib import contextmanager
from unittest import mock

import torch
import torch.nn.functional as F
from torch import tensor

from ..ten_digits import mnist_xy
from .core import a_type,Problem,Trial,attempt,bind,fail,judge,number,same,short,stale_global

__all__ = ['check_softmax','check_log_softmax','check_nll_loss','check_cross_entropy','check_digit_accuracy','check_confusion',
    'check_mean_digits','check_digit_distances','check_nearest_digit','check_train_digits']

def random(*shape, size=3., seed=0): return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))*size
def labels(n, k=10, seed=1): return torch.randint(0, k, (n,), generator=torch.Generator().manual_seed(seed))

def in_words(given): return ', '.join(f'{name} = {short(v)}' for name,v in given.items())

def trial(right, show=None, **given):
    "Try a function on copies of `given`, and see that it doesn't change them"
    def run(f):
        copies = {name: v.clone() for name,v in given.items()}
        res = bind(f, **copies)()
        changed = [name for name,v in given.items() if not torch.equal(copies[name], v)]
        if changed: return Problem(f"{short(res)}, and changed {' and '.join(changed)} on the way",
            f"It changes its argument in place, by -=, exp_, an assignment to {changed[0]}[…] or the like. Make a new tensor.")
        return res
    return Trial(run, right(*given.values()), show or in_words(given))

def slope(right, **given):
    "Try the gradient of a function for the first of `given`; where there are many results, of their sum with random factors"
    (name,first),*_ = given.items()
    cut = Problem("a result that backward can't start from", f"The result is cut off from {name}, by .item(), float(), detach, .data, "
        "no_grad, NumPy or a new tensor made of its numbers. Compute with tensors up to the end.")
    def run(f):
        x = first.clone().requires_grad_()
        try: res = bind(f, **{**given, name: x})()
        except RuntimeError as e:
            if 'numpy()' in str(e): return cut
            raise
        if not isinstance(res, torch.Tensor) or not res.requires_grad: return cut
        return torch.autograd.grad((res*torch.rand(res.shape, generator=torch.Generator().manual_seed(0))).sum(), x)[0]
    return Trial(run, run(lambda *args: right(*args)), f"the gradient with respect to {name}, for {in_words(given)}")

def flat(kinds):
    "Causes for `judge`, a pair for each function, from tuples of a text and one function or more with that mistake"
    return [(text, wrong) for text,*wrongs in kinds for wrong in wrongs]

def every(kinds, *options):
    "The same for functions that get one of `options` before their inputs: a pair for each function and option"
    return [(text, lambda p, *rest, wrong=wrong, o=o: wrong(o, p, *rest)) for text,wrong in flat(kinds) for o in options]


# Softmax and its logarithm

def row_max(p): return p.max(1, keepdim=True).values
def column_max(p): return p.max(0).values
def no_shift(p): return 0
SHIFTS = no_shift,row_max,column_max,torch.max # what may be taken from the scores before exp, right or wrong
def exps(shift, p): return (p-shift(p)).exp()
def shares(shift, p): return exps(shift, p)/exps(shift, p).sum(1, keepdim=True)
def log_sum(shift, p, dim=1): return exps(shift, p).sum(dim, keepdim=True).log()
def log_shares(shift, p): return p-shift(p)-log_sum(shift, p)

WRONG_AXIS = "The sum is taken down the columns (dim=0), so that it mixes different images. Each row needs the sum of its own scores."
WHOLE_SUM = "One sum is taken over the whole batch, so that the images are mixed. Each row needs the sum of its own scores: which dim is that?"
KEEPDIM = "The sums are (n,), and broadcasting lays them along the columns: keepdim is missing."
OVERFLOW = ("It overflows, or divides by 0: exp of 1000 is infinite for a 32-bit number, and exp of -1000 is 0. "
    "Only differences of scores matter, so take each row's largest score from the row first.")
DETOUR = "The detour through the softmax: a small probability underflows to 0, and the logarithm of that is minus infinity, with a gradient of nan."
PAPER = " Take the logarithm on paper first."
BATCH_MAX = "The largest score of the whole batch is taken away. A row far below it underflows to nothing but zeros: take each row's own largest score."
COLUMN_MAX = "What is taken away is the largest score of each column, which changes the differences within a row. Take each row's own largest score."
TINY = (1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-15, 1e-16, 1e-20, 1e-30) # what is added to keep something from 0
SHORT = tensor([[1.,3.]])
ROWS = tensor([[1.,2.,3.],[0.,0.,0.]])
HUGE = tensor([[1000.,1001.],[0.,1.]])
FAR_BELOW = tensor([[0.,0.],[-1000.,-1001.]])

def check_softmax(softmax):
    "Exponentials as shares of their row, for scores of any size"
    right = lambda p: p.softmax(1)
    trials = [trial(right, preds=o) for o in (SHORT, ROWS, random(3,3), random(37,10), HUGE, FAR_BELOW)]
    trials += [slope(right, preds=o) for o in (SHORT, random(5,4), random(3,2,size=100.))]
    judge('softmax', softmax, trials, every([
        (WRONG_AXIS, lambda s,p: exps(s, p)/exps(s, p).sum(0)),
        (WHOLE_SUM, lambda s,p: exps(s, p)/exps(s, p).sum()),
        (KEEPDIM, lambda s,p: exps(s, p)/exps(s, p).sum(1)),
        ("The exponentials are divided by the sum of the scores themselves. Divide them by the sum of the exponentials.",
            lambda s,p: exps(s, p)/p.sum(1, keepdim=True)),
        ("The exponentials are divided by the largest of their row. Divide them by their sum.",
            lambda s,p: exps(s, p)/exps(s, p).max(1, keepdim=True).values),
        ("These are only the exponentials: the division by their sum is missing.", exps),
        ("The softmax is applied twice.", lambda s,p: shares(s, p).softmax(1)),
        ("The result is rounded.", lambda s,p: shares(s, p).round()),
        ("This is the logarithm of the softmax.", lambda s,p: shares(s, p).log(), log_shares),
    ], *SHIFTS) + every([(BATCH_MAX, shares)], torch.max) + every([(COLUMN_MAX, shares)], column_max)
    + every([(OVERFLOW, shares)], no_shift, lambda p: -row_max(p), lambda p: p.min(1, keepdim=True).values)
    + every([(OVERFLOW, lambda eps,p: p.exp()/(p.exp().sum(1, keepdim=True)+eps))], *TINY)
    + every([(OVERFLOW, lambda top,p: shares(no_shift, p.clamp(max=top)), lambda top,p: shares(no_shift, p.clamp(-top, top)))],
        20, 30, 50, 80, 88, 100, 500, 700)
    + flat([
        ("It takes the sigmoid of each score by itself, and the probabilities of a row don't add up to 1.", lambda p: p.sigmoid()),
        ("The scores are divided by their sum, and no exponential is taken.", lambda p: p/p.sum(1, keepdim=True)),
    ]), "chapter 06, 'The scene'; for large scores the end of '`log_softmax`, without the detour'")

def check_log_softmax(log_softmax):
    "Logarithms of probabilities that neither overflow nor underflow, and their gradients"
    right = lambda p: p.log_softmax(1)
    apart,further = tensor([[0.,-200.]]),tensor([[1e4,-1e4],[-1e4,1e4]])
    trials = [trial(right, preds=o) for o in (SHORT, ROWS, random(3,3), random(37,10), apart, HUGE, further, FAR_BELOW)]
    trials += [slope(right, preds=o) for o in (SHORT, random(5,4), apart, further)]
    judge('log_softmax', log_softmax, trials, every([
        (WRONG_AXIS, lambda s,p: p-s(p)-log_sum(s, p, 0), lambda s,p: (exps(s, p)/exps(s, p).sum(0)).log()),
        (WHOLE_SUM, lambda s,p: p-s(p)-exps(s, p).sum().log()),
        (KEEPDIM, lambda s,p: p-s(p)-log_sum(s, p)[:,0]),
        ("It is the softmax itself: the logarithm is missing.", lambda s,p: log_shares(s, p).exp(), shares),
        ("The sign is wrong: logarithms of probabilities are 0 or less.", lambda s,p: log_sum(s, p)+s(p)-p),
        ("The sum of the exponentials is taken away, and not its logarithm.", lambda s,p: p-s(p)-exps(s, p).sum(1, keepdim=True)),
        ("It is the logarithm to another base than e: .log() is the natural one.",
            lambda s,p: log_shares(s, p)/tensor(10.).log(), lambda s,p: log_shares(s, p)/tensor(2.).log()),
    ], *SHIFTS) + every([
        ("The largest score was taken out of the sum of exponentials, and never put back. Take it from the first term as well, or add it to the logarithm.",
            lambda s,p: p-log_sum(s, p)),
        ("The largest score is taken away twice. Once out of the exponentials, it must come back once.", lambda s,p: p-2*s(p)-log_sum(s, p)),
        ("The largest score comes back with the wrong sign.", lambda s,p: p+s(p)-log_sum(s, p)),
        ("The logarithm of the sum of exponentials is missing: the largest score alone is taken away.", lambda s,p: p-s(p)),
    ], *SHIFTS[1:]) + every([(BATCH_MAX, log_shares)], torch.max) + every([(COLUMN_MAX, log_shares)], column_max) + flat([
        ("exp overflows for large scores, or its sum underflows to 0. Take each row's largest score out of the sum, and add it to the logarithm after.",
            lambda p: p-log_sum(no_shift, p)),
        (DETOUR+" And exp overflows for large scores."+PAPER, lambda p: shares(no_shift, p).log()),
        (DETOUR+PAPER, lambda p: p.softmax(1).log()),
        (DETOUR+" Even with 64 bits."+PAPER, lambda p: p.double().softmax(1).log()),
        ("The sign is wrong: logarithms of probabilities are 0 or less. And the detour through the softmax loses small ones.",
            lambda p: -p.softmax(1).log(), lambda p: -shares(no_shift, p).log()),
        ("The logarithm comes before the softmax. It belongs after it.", lambda p: p.log().softmax(1)),
        ("It is the logarithm to another base than e: .log() is the natural one.", lambda p: p.softmax(1).log10(), lambda p: p.softmax(1).log2()),
        ("It takes the sigmoid of each score by itself, and no softmax.", lambda p: F.logsigmoid(p)),
    ]) + every([("The detour through the softmax, with a small number to keep the logarithm from 0: that hides the infinity, and every small probability "
            "comes out the same and without a gradient."+PAPER, lambda eps,p: (p.softmax(1)+eps).log(), lambda eps,p: p.softmax(1).clamp(min=eps).log(),
            lambda eps,p: p.softmax(1).clamp(eps, 1-eps).log())], *TINY),
    "chapter 06, 'Why cross-entropy stood still' and '`log_softmax`, without the detour'")


# Losses

def picked(lp, y): return lp[torch.arange(len(y)),y]

PICKS = [ # mistakes with a table `t` of logarithms, or of what `log` makes logarithms of once they are picked, and labels `y`
    ("The minus is missing: the logarithms are 0 or less, and a loss must fall as the right probability grows.",
        lambda t,log,y: log(picked(t, y)).mean()),
    ("It takes a sum where it should take the mean.", lambda t,log,y: -log(picked(t, y)).sum()),
    ("It returns a loss for each image, and no mean is taken.", lambda t,log,y: -log(picked(t, y))),
    ("It takes the columns of all the labels from every row, since the index of the rows is a colon. Rows and labels need to go in pairs.",
        lambda t,log,y: -log(t[:,y]).mean()),
    ("The labels are used to pick rows, and they say which column.", lambda t,log,y: -log(t[y]).mean()),
    ("The mean is taken over all n×k places, of which most are 0 after the product with the one-hot labels. Divide by the number of rows.",
        lambda t,log,y: -(F.one_hot(y, t.shape[1])*log(t)).mean()),
    ("The labels aren't used: it is the mean over all the columns.", lambda t,log,y: -log(t).mean()),
    ("The labels aren't used: it takes each row's largest, whatever the label says.", lambda t,log,y: -log(t.max(1).values).mean()),
    ("The wrong column: the labels are shifted by one. Column 0 belongs to label 0.",
        lambda t,log,y: -log(picked(t, y-1)).mean(), lambda t,log,y: -log(picked(t, (y+1)%t.shape[1])).mean()),
    ("It divides by the number of columns, and the mean is over the rows.", lambda t,log,y: -log(picked(t, y)).sum()/t.shape[1]),
    ("It divides by the number of rows twice.", lambda t,log,y: -log(picked(t, y)).mean()/len(y)),
    ("It picks from the first row only, once for each label. Each row has a label of its own: with gather, they must be (n,1).",
        lambda t,log,y: -log(t[0,y]).mean()),
    ("The mean is over the images of each label first, and then over the labels. Every image counts the same.",
        lambda t,log,y: -torch.stack([log(picked(t, y))[y==o].mean() for o in y.unique()]).mean()),
]
def as_is(t): return t

def check_nll_loss(nll_loss):
    "Mean of minus the picked logarithms"
    right = lambda lp,y: F.nll_loss(lp, y)
    given = lambda lp,y: dict(log_probs=lp, yb=y)
    one,two = (tensor([[-0.5,-1.]]),tensor([1])),(tensor([[-0.5,-1.],[-2.,-0.25]]),tensor([1,0]))
    square,many = (random(4,4).log_softmax(1),tensor([2,0,2,1])),(random(37,10).log_softmax(1),labels(37))
    trials = [trial(right, **given(*o)) for o in (one, two, square, many)] + [slope(right, **given(*o)) for o in (two, many)]
    judge('nll_loss', nll_loss, trials, [(text, lambda lp,y,wrong=wrong: wrong(lp, as_is, y)) for text,wrong in flat(PICKS)] + flat([
        ("The logarithm is taken again, of what are logarithms already.", lambda lp,y: -picked(lp.log(), y).mean()),
        ("The softmax is applied again, to what are logarithms of probabilities already.", lambda lp,y: -picked(lp.log_softmax(1), y).mean()),
        ("The softmax is applied to what are logarithms of probabilities already, and no logarithm taken.",
            lambda lp,y: -picked(lp.softmax(1), y).mean()),
        ("The logarithms are turned back into probabilities. The loss is the mean of minus the logarithms themselves.",
            lambda lp,y: -picked(lp.exp(), y).mean(), lambda lp,y: 1-picked(lp.exp(), y).mean()),
    ]), "chapter 06, 'The scene' for picking, and the end of '`log_softmax`, without the detour'")

# Ways to the logarithms of probabilities: what is picked from, and what is done to it after
DETOURS = [way for soft in (lambda p: p.softmax(1), lambda p: shares(no_shift, p), lambda p: p.double().softmax(1))
    for way in ((soft, torch.log), (lambda p,soft=soft: soft(p).log(), as_is))]
UNSHIFTED = lambda p: log_shares(no_shift, p), as_is

def check_cross_entropy(cross_entropy):
    "The two in a row, with gradients, for scores up to 1e4 apart"
    right = lambda p,y: F.cross_entropy(p, y)
    inputs = [(SHORT, [1]), (ROWS, [0,2]), (random(4,4), [2,0,2,1]), (random(37,10), labels(37).tolist()), (tensor([[0.,-100.],[0.,-100.]]), [0,1]),
        (tensor([[0.,-200.]]), [0]), (tensor([[0.,-200.]]), [1]), (tensor([[1e4,-1e4],[1e4,-1e4]]), [0,1]), (HUGE, [1,0]), (FAR_BELOW, [1,0])]
    trials = [f(right, preds=p, yb=tensor(y)) for f in (trial, slope) for p,y in inputs]
    along = lambda way,p,y: -way[1](picked(way[0](p), y)).mean()
    judge('cross_entropy', cross_entropy, trials,
        every([(text, lambda way,p,y,wrong=wrong: wrong(way[0](p), way[1], y)) for text,wrong in flat(PICKS)],
            (lambda p: p.log_softmax(1),as_is), UNSHIFTED, *DETOURS[:4])
        + every([(DETOUR+" Take log_softmax, which goes no detour.", along)], *DETOURS)
        + every([("exp overflows for large scores, or its sum underflows to 0. Your own log_softmax doesn't.", along)], UNSHIFTED)
        + every([(BATCH_MAX, along)], (lambda p: log_shares(torch.max, p),as_is))
        + every([("The softmax goes down the columns (dim=0), so that it mixes different images.", along)],
            (lambda p: p.log_softmax(0),as_is), (lambda p: p.softmax(0),torch.log), (lambda p: p.softmax(0).log(),as_is))
        + every([("Softmax twice: it is applied to probabilities. The scores go straight into log_softmax.", along)],
            (lambda p: p.softmax(1).log_softmax(1),as_is), (lambda p: p.softmax(1).softmax(1),torch.log)) + flat([
        ("The softmax is missing: the scores themselves are taken for logarithms of probabilities.", lambda p,y: -picked(p, y).mean()),
        ("The softmax is missing: it takes the logarithm of the scores, as if they were probabilities.", lambda p,y: -picked(p.log(), y).mean()),
        ("The logarithm is missing: it averages probabilities.", lambda p,y: -picked(p.softmax(1), y).mean(), lambda p,y: 1-picked(p.softmax(1), y).mean()),
        ("The logarithm is taken of the mean. Take it of each probability, and the mean last.", lambda p,y: -picked(p.softmax(1), y).mean().log()),
        ("Each score goes through a sigmoid by itself, and through no softmax.",
            lambda p,y: -picked(F.logsigmoid(p), y).mean(), lambda p,y: -picked(p.sigmoid(), y).log().mean()),
        ("Each score goes through a sigmoid by itself, and through no softmax: this is binary cross-entropy, for each column apart.",
            lambda p,y: F.binary_cross_entropy_with_logits(p, F.one_hot(y, p.shape[1]).float())),
        ("The logarithm is taken twice: it is in log_softmax already.", lambda p,y: -picked(p.log_softmax(1), y).log().mean()),
        ("It is the squared error of the probabilities, and takes no logarithm.", lambda p,y: ((p.softmax(1)-F.one_hot(y, p.shape[1]))**2).mean()),
        ("It multiplies the logarithms with 0 or 1 from the one-hot labels. Where one is minus infinity, after the detour through the softmax, "
            "0 times infinity is nan.", lambda p,y: -(F.one_hot(y, p.shape[1])*p.softmax(1).log()).sum(1).mean()),
    ]) + every([("A small number keeps the logarithm from 0, which hides the infinity: sure mistakes all cost the same and have no gradient. Take log_softmax.",
            lambda eps,p,y: -(picked(p.softmax(1), y)+eps).log().mean(), lambda eps,p,y: -picked(p.softmax(1), y).clamp(min=eps).log().mean(),
            lambda eps,p,y: -picked(p.softmax(1), y).clamp(eps, 1-eps).log().mean())], *TINY),
    "chapter 06, '`log_softmax`, without the detour'; for sure answers 'Why cross-entropy stood still'")


# Metrics

ANSWERS = [ # mistakes on the way from scores to answers
    ("The argmax goes down the columns (dim=0), and answers which image has the largest score for each digit. Each row needs its own answer.",
        lambda p: p.argmax(0)),
    ("The argmax goes over the whole batch: it is a place among all n×k scores, since dim is missing.", lambda p: p.argmax()),
    ("It rounds before the argmax, so that close scores become equal and the first of them wins.",
        lambda p: p.round().argmax(1), lambda p: p.long().argmax(1), lambda p: p.sigmoid().round().argmax(1)),
    ("It rounds before the argmax, or asks for more than one half: where no probability is above it, all become 0 and column 0 wins.",
        lambda p: p.softmax(1).round().argmax(1)),
    ("A threshold of 0.5 comes before the argmax. The largest score may well be below it, and several above.",
        lambda p: (p>0.5).int().argmax(1), lambda p: (p.sigmoid()>0.5).int().argmax(1)),
    ("A softmax down the columns (dim=0) comes before the argmax, and changes which score of a row is the largest.",
        lambda p: p.softmax(0).argmax(1)),
    ("It takes the smallest score for the answer.", lambda p: p.argmin(1)),
    ("The wrong column: the answers are shifted by one. Column 0 belongs to label 0.", lambda p: p.argmax(1)+1, lambda p: p[:,1:].argmax(1)),
    ("It takes the absolute values of the scores: a very negative one counts as large.", lambda p: p.abs().argmax(1)),
]
READ_ANSWERS = "chapter 06, 'Does a perfect prediction score 1?'"

def check_digit_accuracy(digit_accuracy):
    "Share of rows with the largest score in the right column"
    right = lambda p,y: (p.argmax(1)==y).float().mean()
    close = tensor([[0.3,0.4,0.1],[-1.,-0.6,-0.9],[2.6,3.4,2.9]])
    weak = random(20, 10, size=0.1)
    inputs = [(SHORT, [1]), (tensor([[1.,3.,2.],[5.,0.,-7.]]), [1,2]), (close, [1,1,1]), (close, [1,0,2]),
        (tensor([[4.,1.,0.]]*3+[[0.,1.,4.]]), [0,2,1,2]), (random(10,10), labels(10).tolist()), (random(37,10), labels(37).tolist()),
        (weak, weak.argmax(1).tolist())]
    trials = [trial(right, preds=p, yb=tensor(y)) for p,y in inputs]
    judge('digit_accuracy', digit_accuracy, trials, flat([
        ("(n,1) meets (n,), and broadcasting compares every answer with every label. Is there a keepdim, or an unsqueeze?",
            lambda p,y: (p.argmax(1, keepdim=True)==y).float().mean()),
        ("It counts the right ones, and doesn't divide by their number: it takes a sum where it should take the mean.",
            lambda p,y: (p.argmax(1)==y).sum()),
        ("It answers for each image, and no mean is taken.", lambda p,y: p.argmax(1)==y),
        ("A whole-number division, //, cuts off all that is below 1. Divide by /.", lambda p,y: (p.argmax(1)==y).sum()//len(y)),
        ("It divides by the number of columns. Divide by the number of rows.", lambda p,y: (p.argmax(1)==y).sum()/p.shape[1]),
        ("It is the share of the wrong ones: the comparison is reversed.", lambda p,y: (p.argmax(1)!=y).float().mean()),
        ("It is a percentage. A share goes from 0 to 1.", lambda p,y: 100*right(p, y)),
        ("It divides by n×k, the number of scores. Divide by the number of rows.", lambda p,y: (p.argmax(1)==y).sum()/p.numel()),
        ("It compares the largest scores themselves with the labels. Which column they are in, is the answer.",
            lambda p,y: (p.max(1).values==y).float().mean()),
        ("There is no argmax: scores are compared with labels as if they were labels.",
            lambda p,y: (p==y[:,None]).float().mean(), lambda p,y: (p.round()==y[:,None]).float().mean()),
        ("Each of the k columns is judged by a threshold, and the many that are rightly left out count as right. Ask only which column is the largest.",
            lambda p,y: ((p>0)==F.one_hot(y, p.shape[1])).float().mean(), lambda p,y: ((p>0.5)==F.one_hot(y, p.shape[1])).float().mean(),
            lambda p,y: ((p.softmax(1)>0.5)==F.one_hot(y, p.shape[1])).float().mean()),
        *(("One column and a threshold are for two classes. Ask which of the columns is the largest.",
            lambda p,y,soft=soft,column=column,t=t: ((soft(p)[:,column]>t)==y).float().mean())
            for soft,t in ((as_is,0), (as_is,0.5), (lambda p: p.softmax(1),0.5)) for column in (0,1)),
        ("It asks whether the score of the right column is above 0, and not whether it is the largest of its row.",
            lambda p,y: (picked(p, y)>0).float().mean()),
        ("It is the probability of the right digit on average, and not the share of right answers.", lambda p,y: picked(p.softmax(1), y).mean()),
    ]) + [(text, lambda p,y,wrong=wrong: (wrong(p)==y).float().mean()) for text,wrong in flat(ANSWERS)], READ_ANSWERS)

def counts(a, y): return (y*10+a).bincount(minlength=100).view(10,10)

def check_confusion(confusion):
    "How often each digit is taken for each"
    right = lambda p,y: counts(p.argmax(1), y)
    def one(answers, yb):
        preds = -random(len(yb), 10, size=1.).abs()
        preds[torch.arange(len(yb)),tensor(answers)] = 5.
        return trial(right, f"scores whose largest are in the columns {answers}, yb = {short(tensor(yb))}", preds=preds, yb=tensor(yb))
    trials = [one([7], [2]), one([1,1,3], [1,1,8]), one([4,4,9,4,9], [9,9,4,4,9])]
    trials += [trial(right, preds=random(n, 10, size=1.), yb=labels(n)) for n in (10,200)]
    def once(p, y):
        table = torch.zeros(10, 10)
        table[y,p.argmax(1)] += 1
        return table
    judge('confusion', confusion, trials, flat([
        ("Rows and columns are swapped: a row for each true digit, a column for each answer.", lambda p,y: right(p, y).T),
        ("A pair that comes twice is counted once: table[rows, columns] += 1 with lists of indices adds 1 to each place that is named, however often.", once),
        ("Rows and columns are swapped, and a pair that comes twice is counted once.", lambda p,y: once(p, y).T),
        ("The numbers are shares of all images. Counts are wanted.", lambda p,y: right(p, y)/len(y)),
        ("The numbers are shares of their row. Counts are wanted.",
            lambda p,y: right(p, y)/right(p, y).sum(1, keepdim=True), lambda p,y: right(p, y)/right(p, y).sum(1, keepdim=True).clamp(min=1)),
        ("The right answers are left out. They belong on the diagonal.", lambda p,y: right(p, y).fill_diagonal_(0)),
        ("Only the right answers are counted. What about those where label and answer are two different digits?",
            lambda p,y: right(p, y)*torch.eye(10, dtype=torch.long)),
        ("The labels are counted against themselves, and the answers aren't used.", lambda p,y: counts(y, y)),
        ("The answers are counted against themselves, and the labels aren't used.", lambda p,y: counts(p.argmax(1), p.argmax(1))),
        ("Scores, or probabilities, are added up. Each image counts 1, in the column of its answer.",
            lambda p,y: F.one_hot(y, 10).float().T@p, lambda p,y: F.one_hot(y, 10).float().T@p.softmax(1)),
        ("The counts end at the last pair that comes up, so that they don't fill the table: bincount needs to know how long it must be at least.",
            lambda p,y: (y*10+p.argmax(1)).bincount().view(10,10)),
        ("It is as large as the largest digit that comes up, and must be 10×10 always.",
            lambda p,y: right(p, y)[:1+max(y.max(), p.argmax(1).max()),:1+max(y.max(), p.argmax(1).max())]),
    ]) + [(text, lambda p,y,wrong=wrong: counts(wrong(p), y)) for text,wrong in flat(ANSWERS)],
    "chapter 07, 'Where it is wrong'; for the answers " + READ_ANSWERS)


# Nearest mean

def by_digit(f): return lambda x,y: torch.stack([f(x[y==d]) for d in range(10)])

def check_mean_digits(mean_digits):
    "Ten mean images from bytes"
    right = by_digit(lambda o: o.float().mean(0)/255)
    grey,few = torch.arange(100, 210, 10, dtype=torch.uint8),tensor([3,0,2,1,9,8,7,6,5,4,3])
    x = torch.randint(0, 256, (60,28,28), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    trials = [trial(right, f"eleven images, each of one grey, {grey.tolist()}, with labels y = {short(few)}", x=grey[:,None,None].expand(-1,28,28), y=few),
        trial(right, "60 random images with labels in mixed order", x=x, y=torch.cat([labels(50), torch.arange(10)]))]
    judge('mean_digits', mean_digits, trials, flat([
        ("The grey levels go up to 255: a division by 255 is missing.", by_digit(lambda o: o.float().mean(0))),
        ("A mean without axes: it gives one number for a digit, and not an image.",
            by_digit(lambda o: o.float().mean()/255), by_digit(lambda o: o.float().mean())),
        ("The mean is over the wrong axes: over the pixels of each image, where it should be over the images.",
            by_digit(lambda o: o.float().mean((1,2))/255), by_digit(lambda o: (o.float()/255).mean((1,2)))),
        ("The bytes wrap around: a uint8 ends at 255, and 200+100 is 44. Turn the images into floats before you add them up.",
            by_digit(lambda o: sum(o)/len(o)/255), by_digit(lambda o: sum(o)/255/len(o)), by_digit(lambda o: sum(o)/len(o))),
        ("There is no mean of bytes, since a byte can't hold a fraction. Turn the images into floats first.", by_digit(lambda o: o.mean(0)/255)),
        ("A whole-number division, //, cuts off all that is below 1. Divide by /.", by_digit(lambda o: (o//255).float().mean(0))),
        ("It takes a sum where it should take the mean.", by_digit(lambda o: o.float().sum(0)/255)),
        ("It divides by the number of all images. Divide by the number of those of the digit.",
            lambda x,y: by_digit(lambda o: o.float().sum(0)/255)(x, y)/len(x)),
        ("It is the mean of all images, whatever their label.", lambda x,y: (x.float().mean(0)/255).expand(10,28,28)),
        ("It takes image number d, where it should take all the images with label d.", lambda x,y: x[:10].float()/255),
        ("It takes one image for each digit, where it should take the mean of all.",
            lambda x,y: torch.stack([x[y==d][0] for d in range(10)]).float()/255,
            lambda x,y: torch.stack([x[y==d][-1] for d in range(10)]).float()/255),
        ("The digits come in the order in which they first turn up among the labels. The mean of the 0s belongs at place 0.",
            lambda x,y: torch.stack([x[y==d].float().mean(0)/255 for d in dict.fromkeys(y.tolist())])),
        ("It is divided by the largest grey level that comes up, and not by the largest there is, 255.", lambda x,y: right(x, y)*255/x.max()),
        ("It is a list of tensors. torch.stack makes one tensor of them.", lambda x,y: list(right(x, y))),
        ("It is the median, and not the mean.", by_digit(lambda o: o.median(0).values.float()/255)),
    ]), "chapter 07, 'Ten ideals'; chapter 01, 'From files to one tensor' for bytes and 'The ideal 3' for axes")

def differences(x, m): return x[:,None]-m
def rmse(x, m): return (differences(x, m)**2).mean((2,3)).sqrt()

def drawing(*greys):
    "Images (n,28,28) of an upper and a lower half, for pairs of greys"
    return tensor(greys)[:,:,None,None].expand(-1,-1,14,28).reshape(-1,28,28)

def check_digit_distances(digit_distances):
    "RMSE of every image to every mean"
    x,means = torch.rand(5,28,28, generator=torch.Generator().manual_seed(0)),torch.rand(10,28,28, generator=torch.Generator().manual_seed(1))
    trials = [trial(rmse, "one image, all 0.5, and two means: one all 0, one 0 above and 0.8 below", x=drawing((0.5,0.5)), means=drawing((0.,0.),(0.,0.8))),
        trial(rmse, "three images and two means, each of an upper and a lower half in one grey",
            x=drawing((0.,1.),(0.2,0.2),(0.9,0.)), means=drawing((0.5,0.),(0.3,1.))),
        trial(rmse, "four random images and four random means", x=x[:4], means=means[:4]),
        trial(rmse, "five random images and ten random means", x=x, means=means)]
    judge('digit_distances', digit_distances, trials, flat([
        ("It is the MSE: the root is missing.", lambda x,m: (differences(x, m)**2).mean((2,3))),
        ("It is the mean absolute difference, MAE or L1. (A root of each square, before the mean, makes the same.) RMSE is: square, average, root.",
            lambda x,m: differences(x, m).abs().mean((2,3))),
        ("Differences of both signs cancel: they are neither squared nor made absolute.", lambda x,m: differences(x, m).mean((2,3))),
        ("Differences of both signs cancel: the square comes after the mean.",
            lambda x,m: (differences(x, m).mean((2,3))**2).sqrt(), lambda x,m: differences(x, m).mean((2,3))**2),
        ("It is the sum of the absolute differences. RMSE is asked for: square, average, root.", lambda x,m: differences(x, m).abs().sum((2,3))),
        ("It takes the root of a sum, where a mean is asked for.", lambda x,m: (differences(x, m)**2).sum((2,3)).sqrt()),
        ("A mean without axes: it gives one number for all images and means together.",
            lambda x,m: (differences(x, m)**2).mean().sqrt(), lambda x,m: differences(x, m).abs().mean()),
        ("A mean without axes: it gives one number for all the images together, so that all the rows are the same.",
            lambda x,m: (differences(x, m)**2).mean((0,2,3)).sqrt().expand(len(x), -1)),
        ("A mean without axes: it gives one number for all the images together, and a row is wanted for each.",
            lambda x,m: (differences(x, m)**2).mean((0,2,3)).sqrt()),
        ("The mean is over one axis of the image only. Over both, and over no other.",
            lambda x,m: (differences(x, m)**2).mean(-1).sqrt(), lambda x,m: (differences(x, m)**2).mean(2).sqrt()),
        *(("The root is taken for each line of pixels, before they are all averaged. Take it last.",
            lambda x,m,axis=axis: (differences(x, m)**2).mean(axis).sqrt().mean(2)) for axis in (2,3)),
        ("It is the other way round, a row for each mean: (k,n) for (n,k).", lambda x,m: rmse(x, m).T),
        ("The numbers are in the wrong places: view and reshape don't swap axes, they read (k,n) line by line as (n,k). Transpose it, or stack along dim=1.",
            lambda x,m: rmse(x, m).T.reshape(len(x), len(m))),
        ("Each image meets only the mean at its own place, since (n,28,28) meets (k,28,28). An axis is missing between: (n,1,28,28) meets (k,28,28).",
            lambda x,m: ((x-m)**2).mean((1,2)).sqrt()),
        ("It returns which mean is the nearest. Here the distances themselves are asked for.", lambda x,m: rmse(x, m).argmin(1)),
        ("It is a list. torch.stack makes one tensor of several, torch.tensor one of numbers.", lambda x,m: list(rmse(x, m))),
        ("It is a list, and has an entry for each mean. torch.stack(…, dim=1) makes one tensor of them.", lambda x,m: list(rmse(x, m).T)),
    ]), "chapter 01, 'How far is it from an ideal?', 'Broadcasting' and 'A mistake to have seen once'")

def check_nearest_digit(nearest_digit):
    "The place of the nearest mean by RMSE"
    right = lambda x,m: rmse(x, m).argmin(1)
    vx,vy = mnist_xy('test')
    vx = vx.view(-1,28,28)
    means = by_digit(lambda o: o.mean(0))(vx[:2000], vy[:2000])
    halves = drawing((0.,0.),(0.25,0.25),(0.,0.4))
    trials = [
        trial(right, "one image, all 0.2, and three means: all 0, all 0.25 and all 0.9", x=drawing((0.2,0.2)), means=drawing((0.,0.),(0.25,0.25),(0.9,0.9))),
        trial(right, "one image, all 0, and two means: one all 0.25, one 0 above and 0.4 below", x=halves[:1], means=halves[1:]),
        trial(right, "ten images of the test set and ten means", x=vx[2000:2010], means=means),
        trial(right, "40 images of the test set and ten means", x=vx[3000:3040], means=means)]
    judge('nearest_digit', nearest_digit, trials, flat([
        ("It takes the largest distance: the nearest mean is where the distance is *smallest*.", lambda x,m: rmse(x, m).argmax(1)),
        ("It goes by the mean absolute difference, L1, and RMSE has another opinion here: to it, large differences count for more.",
            lambda x,m: differences(x, m).abs().mean((2,3)).argmin(1)),
        ("It returns the smallest distance. Which mean has it, is asked.", lambda x,m: rmse(x, m).min(1).values),
        ("The argmin goes over the wrong axis: it answers which image is nearest to each mean.", lambda x,m: rmse(x, m).argmin(0)),
        ("The argmin goes over the whole table of distances, since dim is missing.", lambda x,m: rmse(x, m).argmin()),
        ("Differences of both signs cancel: it takes the mean that has most more ink, since they are neither squared nor made absolute.",
            lambda x,m: differences(x, m).mean((2,3)).argmin(1)),
        ("Differences of both signs cancel: they are neither squared nor made absolute before the mean.",
            lambda x,m: differences(x, m).mean((2,3)).abs().argmin(1)),
        ("A mean without axes: all the images together get one answer.",
            lambda x,m: (differences(x, m)**2).mean((0,2,3)).argmin(), lambda x,m: (differences(x, m)**2).mean((0,2,3)).argmin().expand(len(x))),
        ("The answers are shifted by one: the mean at place 0 is that of the digit 0.", lambda x,m: right(x, m)+1),
        ("It returns the distances. Which of them is the smallest, is asked.", rmse),
        ("It is a list. torch.tensor makes a tensor of numbers, torch.stack one of tensors.", lambda x,m: right(x, m).tolist()),
        ("It returns the nearest mean image. Its place among the means is asked.", lambda x,m: m[right(x, m)]),
        ("It keeps an axis of length 1, (n,1), and beside labels (n,) that would be broadcast. (n,) is asked.", lambda x,m: right(x, m)[:,None]),
        ("Each image meets only the mean at its own place, and the nearest of these pairs is taken.", lambda x,m: ((x-m)**2).mean((1,2)).argmin()),
    ]), "chapter 07, 'Ten ideals'")


# The whole

def say(cause, data, came, wanted=''):
    fail('train_digits', f"for {data}\nit gave  {came}" + (f"\nexpected {wanted}" if wanted else ''), cause,
        "chapter 07, '`simple_net`, by hand' and '`simple_net` in a `Learner`'; for the loop chapter 03, '`train_epoch`'")

def fitted(f, train, valid, data, seed, limit):
    "The model that `f` trains, and the accuracy that it reports; fails if it returns anything else. `data` says in words what it gets."
    def run(f):
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            return bind(f, train=train, valid=valid)()
    res = attempt(Trial(run, None, data, limit=limit), f)
    if isinstance(res, Problem): say(res.cause, data, res.what)
    if res is None: say("It returns nothing: is `return` missing?", data, 'None', 'a model and its accuracy')
    if not isinstance(res, (tuple,list)) or len(res)!=2:
        say("It must return two things, the model first: return model, accuracy.", data, short(res), 'a model and its accuracy')
    model,acc = res[0],number(res[1])
    if not callable(model) or hasattr(model, 'dls'):
        say("The first of the two must be the model, to be called on images (n,784). In a Learner it is learn.model.",
            data, f'{a_type(model)} first', 'a model')
    if not isinstance(acc, float):
        say("The second of the two must be one number from 0 to 1: the last accuracy, if there is a list of them.",
            data, f'{short(res[1])} as accuracy', 'a number')
    return model,acc

def scores_of(model, x):
    "The model's scores for images; fails if they aren't (n,10) scores"
    device = x.device
    if isinstance(model, torch.nn.Module): device = next((p.device for p in model.eval().parameters()), device)
    def run(model):
        with torch.no_grad(): return model(x.to(device, copy=True)).cpu()
    out,data = attempt(Trial(run, None, '', limit=30.), model),f"images {tuple(x.shape)}, given to its model,"
    if isinstance(out, Problem): say("The model fails on images as rows, (n,784), as they come in. "+out.cause, data, out.what)
    if out.shape!=(len(x),10):
        say("A model of ten digits gives each image ten scores, a column for each digit.", data, short(out), f'a tensor {(len(x),10)}')
    if (out>=0).all() and same(out.sum(1), torch.ones(len(x))):
        say("The model ends with a softmax, so that these are probabilities. Cross-entropy has a softmax inside: with both, it is applied twice. "
            "Leave it out of the model.", data, short(out), 'scores')
    return out

def right_share(out, y): return (out.argmax(1)==y).float().mean().item()

def reported(acc, model, train, valid, data, tol):
    "Fail if `acc` isn't the model's accuracy on `valid`"
    on_valid,n = right_share(scores_of(model, valid[0]), valid[1]),len(valid[1])
    if abs(acc-on_valid)<=tol: return
    near = lambda v, scale=1: abs(acc-v*scale)<=tol*scale
    if near(on_valid, 100): cause = "It is a percentage. A share goes from 0 to 1."
    elif near(on_valid, n): cause = "It counts the right ones, and doesn't divide by their number."
    elif near(right_share(scores_of(model, train[0]), train[1])):
        cause = "It is the accuracy on the training images, which are used to validate. Judge the model by the validation images."
    elif near(1-on_valid): cause = "It is the share of the wrong ones."
    elif acc>1: cause = "It is more than 1: a sum over batches? Divide by their number, or better by that of the images."
    else: cause = ("It isn't the accuracy of the model that is returned, on all of the validation images: is it that of one batch, "
        "or from before the end of the training?")
    say(cause, data, f'{acc:.4g} as accuracy', f'{on_valid:.4g}, the share of the {n:,} validation images that its model has right')

@contextmanager
def watch_steps(seen):
    "Keep in `seen` the first two calls of backward and the last: the loss, the parameters and, but for the last, their gradients before and after"
    from ..checkup import leaves_of
    real = torch.autograd.backward
    def backward(tensors, *args, **kwargs):
        loss = tensors if isinstance(tensors, torch.Tensor) else tensors[0]
        ps = leaves_of(loss)
        grads = lambda: [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in ps]
        step = dict(loss=loss.detach().mean().item(), values=[p.detach() for p in ps])
        if len(seen)<2: step.update(values=[p.clone() for p in step['values']], before=grads())
        real(tensors, *args, **kwargs)
        if len(seen)<2: step.update(after=grads())
        seen[2:] = []
        seen.append(step)
    with mock.patch.object(torch.autograd, 'backward', backward): yield

def moves(a, b):
    "How the parameters have moved between two calls of backward"
    return [q-p for p,q in zip(a['values'], b['values'])]

def any_of(tensors): return any(bool(o.any()) for o in tensors)

def not_zeroed(seen):
    "Did a step change parameters whose gradients were still there at the next call of backward?"
    return len(seen)>1 and any(bool(m.any() and g.any()) for m,g in zip(moves(*seen[:2]), seen[1]['before']))

def softmax_twice(seen, out, y):
    "Does the loss of the last batch look like the cross-entropy of probabilities, while that of the scores `out` is low?"
    once,twice = (F.cross_entropy(o, y).item() for o in (out, out.softmax(1)))
    return seen and once < 1 < 1.4 < seen[-1]['loss'] and abs(seen[-1]['loss']-twice)<0.2

def is_linear(model):
    a,b = torch.rand(2, 64, 28*28)
    both,one,other,none = (scores_of(model, o) for o in (a+b, a, b, 0*a))
    return same(both+none, one+other, 1e-3)

def why_weak(seen, model, out, acc):
    "The likeliest cause of a low accuracy, from what was seen of a training and from the model's scores `out`"
    if not seen: return "Nothing calls backward, so there are no gradients to learn from."
    first,last = seen[0],seen[-1]
    if len(seen)>1:
        moved,slopes = moves(first, last),first['after']
        if not any_of(moved): return "No parameter ever changes: is there a step, and does its optimizer hold the parameters of this model?"
        if acc<0.9 and not any_of(moves(*seen[:2])): return "The first batches change no parameter: is the step inside of the loop over the batches?"
        still = sum(not m.any() and bool(g.any()) for m,g in zip(moved, slopes))
        if still: return f"{still} of the {len(moved)} parameter tensors never change: does the optimizer hold all the parameters, of every layer?"
        uphill = sum((m*g).sum() for m,g in zip(moves(*seen[:2]), slopes)) > 0
        if first['loss']>0 and uphill: return "The steps go uphill: is there a + where the step needs a minus?"
        if first['loss']<-1 and not uphill: return "The loss is negative, and goes down when the right digit gets less probable: its minus is missing."
    if last['loss']<-10: return "The loss falls below 0 and on without end, as a loss of probabilities can't: is the softmax missing?"
    if -1<last['loss']<0: return "The loss is between -1 and 0, as if probabilities were averaged: is the logarithm missing?"
    if first['loss']>10:
        return (f"The loss of the first batch is {first['loss']:.0f}, and that of a model that knows nothing log 10 = 2.3: "
            "is it a sum where it should be a mean, or do the weights start too large?")
    if not out.isfinite().all() or last['loss'] > 10+10*first['loss']:
        return "It diverges: the loss grows, or is nan. Divide the learning rate by ten, and see that the loss is a cross-entropy that passes its check."
    if same(out, out[:1].expand_as(out)): return "Every image gets the same scores: do the weights start at 0, or are the hidden units dead?"
    if (out>=0).all() and (out==0).float().mean()>0.1: return "The scores are never negative and often 0: there is a ReLU after the last layer. Leave it out."
    if acc>0.5 and is_linear(model): return "The model is linear: without a ReLU between them, two layers are no more than one, and that ends at about 92%."
    if acc<0.3 and len(seen)>1:
        if sum(o.square().sum() for o in moved) < 0.05**2*sum(o.square().sum() for o in first['values']):
            return "It hardly moves: the learning rate is too small by far."
        return ("It goes downhill and learns nothing that holds: do images and labels still go in pairs, in the batches and in the loss, or was each "
            "put into an order of its own? (Or the learning rate is far too large.)")
    return ("It learns, but not enough: more hidden units, more epochs, or a rate that starts larger and gets small towards the end. "
        "(And is the loss a cross-entropy that passes its check?)")

def check_train_digits(train_digits):
    """A model of ten digits from 60,000 images, above 97% on 10,000 others

    Before that, 3,000 images with labels that no other cell holds, 9 minus the digit, of which 0 comes up only among the validation images.
    What it takes is the learner's own training: a second or two if batches are cut out of the tensors, and a minute at most."""
    train,valid = mnist_xy('train'),mnist_xy('test')
    keep,seen = (train[1]<9).nonzero()[:3000,0],[]
    few,few_valid = (train[0][keep],9-train[1][keep]),(valid[0][:1000].clone(),9-valid[1][:1000])
    given,data = [o.clone() for o in few+few_valid],"3,000 training images with labels from 1 to 9 and 1,000 validation images with labels from 0 to 9,"
    with watch_steps(seen): model,acc = fitted(train_digits, few, few_valid, data, seed=0, limit=2.)
    if not all(torch.equal(a, b) for a,b in zip(given, few+few_valid)):
        say("It changes its argument in place, by -=, div_, or the like. Make a new tensor.", data, 'a model, and changed the images or labels on the way')
    x,y = valid[0][1000:3000],9-valid[1][1000:3000]
    answers,known = scores_of(model, x).argmax(1),y>0
    follows,usual,unseen = ((answers==o)[mask].float().mean() for o,mask in ((y,known), (9-y,known), (y,~known)))
    if usual>max(follows, 0.3):
        say(stale_global(train_digits) or "It trains on other data than it is given: those of another cell, or that it loads itself. Use the arguments.",
            data+" each 9 minus the digit,", f'a model that has {usual:.0%} right as usual digits', 'one that learns the labels it is given')
    if follows>0.3 and unseen>0.3:
        say("It trains on the validation images. They are there to judge by, and a model that has seen them is flattered.",
            data, 'a model that knows the label 0, too', "one that doesn't, as only the validation images show it")
    if not_zeroed(seen):
        say("The gradients aren't zeroed: each batch adds its own to those of all the batches before. Clear them after each step.",
            data, 'a second batch whose gradients are added to those of the first, after a step', 'fresh gradients')
    reported(acc, model, few, few_valid, data, 0.02)
    seen.clear()
    data = "all the images, 60,000 to train and 10,000 to validate,"
    with watch_steps(seen): model,acc = fitted(train_digits, train, valid, data, seed=1, limit=60.)
    out = scores_of(model, valid[0])
    share = right_share(out, valid[1])
    if softmax_twice(seen, out, valid[1]):
        say("Softmax twice: it is applied to probabilities, and then the loss can't get below 1.46. Cross-entropy has a softmax inside, so give it scores.",
            data, f"a loss of {seen[-1]['loss']:.2f} in the end, with {share:.0%} right", 'one well below 1')
    if not share>0.97: say(why_weak(seen, model, out, share), data, f'a model with an accuracy of {share:.4f}', 'more than 0.97')
    reported(acc, model, train, valid, data, 0.01)
    print("train_digits: all well")
