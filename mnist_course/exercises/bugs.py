"Assignment 5: find the bug"
# Three kinds of exercises. A mended function is judged by its results, and looked for among the chains of `families`.
# What has many right answers (a batch, a split, a loader, a set-up) is asked questions. And a test that the learner
# writes is tried on sound and on faulty things.
from collections import namedtuple
from functools import partial
from importlib import import_module

import torch
from torch.nn import functional as F

from ..checkup.questions import LOSS_QUESTIONS,METRIC_QUESTIONS,ask
from .core import CheckFailed,Problem,Trial,a_type,asking,attempt,bind,judge,number,short
from .families import BATCH_MEANS,MEAN,SIGN,UNSAFE,accuracy,as_is,away,bce,column_losses,digit_metrics,given
from .families import items_in,mnist_loss,sloped,tried,weighed,with_logits
from .inputs import labels,normal
from .loaders import all_of,are_tensors,epoch_of,is_pair,loader_trial,pairs_problem
from .stages import chains,right,stage,wholes,wrong

__all__ = ['check_exposing_batch', 'check_mended_metric', 'check_mended_validate', 'check_mended_split',
    'check_loss_and_metric', 'check_MendedBatches', 'check_mended_loss', 'check_loss_is_sound', 'check_step_is_sound',
    'check_mended_bce', 'check_mended_setup']

def column(n, k=2, seed=0): return labels(n, 1, k=k, seed=seed)


# Case 1: a metric

def metric_1(preds, yb): return 1 - (preds.argmax(dim=1)==yb).float().mean()

def check_exposing_batch(exposing_batch):
    "A batch, all right, to which the metric of case 1 says 0"
    def run(f):
        v = f()
        return None if v is None else shape_problem(v) or answers_problem(*v) or BATCH
    judge('exposing_batch', exposing_batch, [Trial(run, BATCH, 'exposing_batch()')], (),
        "chapter 06, 'Does a perfect prediction score 1?', and chapter 07, 'The 0.6374'")

BATCH = "a pair: scores (n,10) and labels (n,1)"

def shape_problem(v):
    "What keeps an answer from being a batch of scores and labels, or None"
    if not are_tensors(v): return Problem(short(v), f"It returns no pair of tensors. It should return {BATCH}.")
    preds,yb = v
    say = partial(Problem, f"{tuple(preds.shape)} and {tuple(yb.shape)}")
    if yb.shape[1:]==(10,) and preds.numel()==len(yb): return say("They are in the wrong order: scores first.")
    if preds.shape!=(len(preds),10): return say("The predictions are no scores: each image has a row of ten scores.")
    if yb.shape!=(len(preds),1): return say("The labels aren't a column, (n,1). That's another metric then.")
    if len(yb)<2: return Problem("one image", "With one image, half of the fault can't be seen.", wanted="two or more")

def answers_problem(preds, yb):
    "What keeps a batch from giving away the metric of case 1, or None"
    top,correct = preds.topk(2).values,int((preds.argmax(dim=1)==yb[:,0]).sum())
    score = metric_1(preds, yb).item()
    if (top[:,0]==top[:,1]).any():
        return Problem(short(preds), "Some row has no largest score, so it has no answer.", wanted="one in each row")
    if correct<len(yb):
        return Problem(f"{correct} right answers of {len(yb)}", "Not all answers are right: the largest score of a "
            "row must be in the column of its label.", wanted="all of them right")
    if score>1e-6:
        return Problem(f"right answers to which metric_1 says {score:.4g}", "All are right, but the metric's answer "
            "depends on how labels are mixed in the batch: try other labels.", wanted="right ones to which it says 0")

def check_mended_metric(mended_metric):
    "Share of right answers for scores (n,k) and labels (n,1)"
    def want(preds, yb): return (preds.argmax(dim=1)==yb[:,0]).float().mean()
    small,yb = torch.tensor([[0.,0.5,2.],[0.,3.,0.2],[1.,0.1,0.]]),torch.tensor([[2],[1],[2]])
    nines,many = column(9, 10),column(97, 10, seed=3)
    judge('mended_metric', mended_metric, [tried(want, show, preds=preds, yb=yb) for preds,yb,show in [
        (small[:2], yb[:2], "preds = tensor([[0.,0.5,2.],[0.,3.,0.2]]), yb = tensor([[2],[1]]), both right"),
        (small, yb, "preds = tensor([[0.,0.5,2.],[0.,3.,0.2],[1.,0.1,0.]]), yb = tensor([[2],[1],[2]]), two right"),
        (small[:1], yb[:1], "a single image, answered right"),
        (small[[0]*4], yb[[0]*4], "four right answers with the same label"),
        (normal(37, 10), column(37, 10), "37 random rows with mixed labels"),
        (normal(10, 10)*100, column(10, 10, seed=1), "ten random rows with scores up to a few hundred"),
        (normal(6, 10)/100-5, column(6, 10, seed=2), "six rows of scores that are all near -5"),
        (F.one_hot(nines[:,0], 10)*0.3, nines, "nine right answers, each ahead of the others by 0.3"),
        (normal(97, 10, seed=5)*1.3 + F.one_hot(many[:,0], 10)*1.7, many, "97 rows, of which most are right")]],
        HALVES + digit_metrics(), "chapter 07, 'The 0.6374', and for shapes chapter 01, 'Broadcasting'",
        asking(METRIC_QUESTIONS, normal(64, 10), column(64, 10)))

HALVES = wholes(("It asks whether the probability of the right column is above 0.5, and not if it is the largest.",
    lambda p,y: (p.softmax(1).gather(1, y)>0.5).float().mean()))


# Case 2: a validation

def check_mended_validate(mended_validate):
    "The mean of a metric over all items, for batches of any sizes"
    judge('mended_validate', mended_validate, [
        validate_trial([4,1], accuracy, "a batch of 4 and a batch of 1, and an accuracy", seed=3),
        validate_trial([4,4], accuracy, "two batches of 4", seed=1),
        validate_trial([5,5,5,2], accuracy, "batches of 5, 5, 5 and 2", seed=2),
        validate_trial([1,9,3], accuracy, "batches of 1, 9 and 3"),
        *(validate_trial(o, distance, f"batches of {short(o)}, and the mean distance from the labels, as a float", 4)
            for o in ([8,8,3], [2,6,1], [4,4,4,1])),
        validate_trial([7], accuracy, "one batch of 7")],
        list(chains(validate_by, VALIDATE)), "chapter 03, '`batch_accuracy` and `validate_epoch`'")

def distance(preds, yb): return (preds.sigmoid()-yb).abs().mean().item()
def plus_one(xb): return xb+1

def validate_trial(sizes, metric, show, seed=0):
    "A trial with batches of these sizes, the last of them all right"
    preds,yb = normal(sum(sizes), 1, seed=seed),column(sum(sizes), seed=seed)
    preds[-sizes[-1]:],yb[-sizes[-1]:] = 2.,1
    dl = list(zip((preds-1).split(sizes), yb.split(sizes)))
    def run(f): return number(bind(f, model=plus_one, valid_dl=dl, metric=metric)())
    return Trial(run, float(metric(preds, yb)), show)

VALIDATE = BATCH_MEANS | dict(
    ask=stage(lambda metric,model,xb,yb: metric(model(xb), yb),
        ("It computes an accuracy of its own, and doesn't use the metric that it is given.",
            lambda metric,model,xb,yb: accuracy(model(xb), yb)),
        ("The metric is given the inputs: the model isn't asked.", lambda metric,model,xb,yb: metric(xb, yb))),
    over=BATCH_MEANS['over'] + wrong("It is divided twice, by the number of batches and by the number of items.",
        lambda pairs: weighed(pairs)/len(pairs)/items_in(pairs)))

def validate_by(ask, which, over):
    def validate(model, valid_dl, metric):
        return over(which([(float(ask(metric, model, xb, yb)), len(yb)) for xb,yb in valid_dl]))
    return validate


# Case 3: a split

def check_mended_split(mended_split):
    "Two parts, disjoint, complete, of the right sizes, mixed, with images and labels still paired"
    trials = [split_trial(60, 20, (60,)), split_trial(41, 7, (41,1)), split_trial(30, 29, (30,))]
    judge('mended_split', mended_split, trials, (),
        "chapter 10, 'The data', and chapter 01, 'Images that the means have not seen'")

PARTS = "pair of pairs of tensors, (train_x,train_y) and (valid_x,valid_y)"

def split_trial(n, n_valid, shape):
    "A trial with sorted labels of this shape"
    ids = torch.arange(n)
    x,y = ids[:,None].float().expand(n, 3)/n,(ids//4).view(shape)
    def run(f):
        v = given(f, x=x, y=y, n_valid=n_valid)
        return None if v is None else split_problem(v, x, y, n_valid) or PARTS
    return Trial(run, PARTS, f"{n} images, sorted by their labels {shape}, and n_valid={n_valid}")

def split_problem(v, x, y, n_valid):
    "What is wrong with a training and a validation part, or None"
    if not is_pair(v) or not all(map(are_tensors, v)): return Problem(short(v), f"It returns no {PARTS}.")
    parts = epoch_of(v, x, y)
    if isinstance(parts, Problem): return parts
    train,valid = parts.batches
    which = both_problem(train, valid, len(x)) or sizes_problem(train, valid, len(x), n_valid)
    return all_of(which, pairs_problem(parts, y) or piece_problem(valid, len(x)))

def both_problem(train, valid, n):
    "Is an image in both parts, or twice in one?"
    both = len(set(train)&set(valid))
    say = partial(Problem, f"{both} of {len(valid)} validation images that are training images as well", wanted="none")
    if both and len(set(train))==n: return say("The training part still holds all images, those set aside as well.")
    if both and both==len(set(valid)): return say("Both parts are cut from one order, but the cuts overlap.")
    if both: return say("The two parts are drawn independently of each other, so that many images are in both.")
    if len(set(train+valid))<len(train+valid):
        return Problem("images twice in a part", "They are drawn with replacement: randint for randperm.",
            wanted="each once")

def sizes_problem(train, valid, n, n_valid):
    "Are the parts as large as they should be?"
    sizes = len(train),len(valid)
    say = partial(Problem, "{} training and {} validation images".format(*sizes), wanted=f"{n-n_valid} and {n_valid}")
    if sizes==(n-n_valid,n_valid): return
    if sizes==(n_valid,n-n_valid): return say("The two parts are the wrong way round: the training part comes first.")
    return say("The sizes are wrong: n_valid images to validate, and all the others to train.")

def piece_problem(valid, n):
    "Is the validation part cut out in one piece?"
    if not 1 < len(valid) < n-1 or max(valid)-min(valid)!=len(valid)-1: return
    return Problem(f"the images {min(valid)} to {max(valid)}, in one piece, to validate", "It isn't random: a piece "
        "of the data in their order. Sorted data would leave some digits out of it.", wanted="images from everywhere")


# Case 4: a loss and a metric

def check_loss_and_metric(loss_and_metric):
    "A loss and a metric for two columns, each sound by itself"
    def run(f):
        v = f()
        if v is None: return
        if not is_pair(v) or not all(map(callable, v)): return Problem(short(v), "Return two functions, uncalled.")
        return as_they_were(*v) or all_of(unsound('loss', v[0]), unsound('metric', v[1])) or FIT
    judge('loss_and_metric', loss_and_metric, [Trial(run, FIT, "loss_and_metric()")], (),
        "chapter 06, 'Does the loss fall when the answer gets better?' and the two sections after it")

FIT = "a loss and a metric that fit"

QUESTIONS = dict(loss=LOSS_QUESTIONS, metric=METRIC_QUESTIONS)

def unsound(what, f):
    "What `check_setup` would say to a loss or a metric of two columns, or None"
    preds,yb = normal(64, 2),column(64)
    f(preds, yb) # what it raises is a fault, where a question passes over it
    if text := ask(QUESTIONS[what], f, preds, yb): return Problem(f"a {what} that isn't sound", f"The {what}: {text}")

def as_they_were(loss, metric):
    "What to say if one of the faults of case 4 is still there, or both"
    yb = torch.tensor([[1],[0],[1],[1],[0]])
    all_wrong,undecided,all_right = (F.one_hot(yb[:,0], 2)*o+0. for o in (-3,0,3))
    costs = [number(loss(o, yb)) for o in (all_wrong,undecided,all_right)]
    marks = [number(metric(o, yb)) for o in (all_wrong,all_right)]
    if not all(isinstance(o, float) for o in costs+marks): return
    say = partial(Problem, f"a loss of {short(costs)}, and a metric of {short(marks)} for all wrong and all right",
        wanted="a loss that falls from all wrong over undecided to all right, and a metric of 0 and 1")
    rises,falls,turned = costs[0]<costs[1]<costs[2],costs[0]>costs[1]>costs[2],marks==[1,0]
    trap = "That's the trap: with one of two faults mended, the number collapses."
    if rises and turned: return say("Both are as they were: the loss falls as answers get worse, and the metric reads "
        "the other column, so that it likes them worse.")
    if falls and turned: return say(f"The loss is mended, but the metric still reads the other column. {trap}")
    if rises and marks==[0,1]:
        return say(f"The metric is mended, but the loss still rises as answers get better. {trap}")


# Case 5: a loader and a loss

def check_MendedBatches(MendedBatches):
    "Batches of mixed items, each item once an epoch, in a new order each time"
    def trial(n, bs):
        ids = torch.arange(n)
        x,y = ids[:,None].float().expand(n, 3)+100,(ids//8)[:,None]
        def epochs(cls):
            dl = given(cls, x=x, y=y, bs=bs)
            return lambda: dl
        return loader_trial(epochs, x, y, bs, f"{n} images, sorted by their labels, and bs={bs}")
    judge('MendedBatches', MendedBatches, [trial(23, 5), trial(20, 4), trial(9, 100)], (),
        "chapter 03, 'Mini-batches and `DataLoader`' and 'What shuffling does'")

def loss_trials(func):
    "Trials of a loss of scores (n,1) and labels (n,1), on values and gradients"
    two,yes = torch.tensor([[2.],[-1.]]),torch.tensor([[1],[0]])
    batches = [(two, yes), (two, 1-yes), (two[:1], yes[:1]), (normal(5, 1)*2, column(5, seed=3)),
        (normal(37, 1)*3, column(37)), (torch.tensor([[50.],[-50.],[-50.]]), torch.tensor([[1],[0],[1]]))]
    batches = [dict(preds=p, yb=y) for p,y in batches]
    return [tried(func, **o) for o in batches] + [sloped(func, **o) for o in batches]

def check_mended_loss(mended_loss):
    "Mean distance of each image's probability from its own label"
    def of_means(p, y): return (p.sigmoid().mean()-y.float().mean()).abs()
    means = wholes(("It compares the means of the batch, not each image with its own label.", of_means))
    known = [(text, f) for text,f in column_losses() if UNSAFE not in text] # it does as far as the trials go
    judge('mended_loss', mended_loss, loss_trials(mnist_loss), means+known,
        "chapter 02, '`mnist_loss`, for keeps', and for shapes chapter 01, 'Broadcasting'", ASK_OF_LOSS)

ASK_OF_LOSS = asking(LOSS_QUESTIONS, normal(64, 1), column(64)) # where no cause is known


# Cases 6 and 7: tests that the learner writes

Thing = namedtuple('Thing', 'show do sound tells') # how it is called, what it is, and what tells who misjudges it

def verdict(v):
    "A bool, of whatever a test returns"
    if str(getattr(v, 'dtype', '')).endswith('bool') and v.reshape(-1).shape==(1,): return bool(v) # PyTorch, NumPy
    if v is None or isinstance(v, bool): return v
    raise CheckFailed(short(v), f"It returns {a_type(v)}: return True or False.")

def in_general(things, said):
    "What is wrong with the verdicts as a whole, or None"
    if all(v!=o.sound for o,v in zip(things, said)): return "It is the wrong way round: True is for a sound one."
    if set(said)=={True}: return "It says True to everything, sound or not: it finds no fault at all."
    if set(said)=={False}: return "It says False to everything, sound or not: is a comparison too strict?"

def inspect_test(name, test, what, things, read):
    "Judge a learner's test by what it says to sound and to faulty things"
    said = []
    for o in things:
        said.append(attempt(Trial(lambda f: verdict(f(o.do)), o.sound, o.show), test))
        if not isinstance(said[-1], bool): break
    general = in_general(things, said) if len(said)==len(things) else None
    def trial(o, v):
        misjudged = isinstance(v, bool) and v!=o.sound
        result = Problem(str(v), general or o.tells) if misjudged else v
        return Trial(lambda f: result, o.sound, f"{what} {o.show}")
    trials = [trial(o, v) for o,v in zip(things, said)]
    judge(name, test, trials[-1:] if len(said)<len(things) else trials, (), read)

def check_loss_is_sound(loss_is_sound):
    "A test of losses of scores (n,1) and labels (n,1)"
    inspect_test('loss_is_sound', loss_is_sound, 'a loss', LOSSES,
        "chapter 06, 'Does the loss fall when the answer gets better?', and chapter 10, 'The loss'")

def one_by_one(preds, yb): return sum(away(p.sigmoid(), t) for p,t in zip(preds.flatten(), yb.flatten()))/len(preds)
def every_with_every(p, y): return away(p.sigmoid().flatten(), y).mean()
def no_sigmoid(p, y): return away(p, y).mean()
def squared_distance(p, y): return ((p.sigmoid()-y)**2).mean()
def of_label(k): return lambda p,y: (away(p.sigmoid(), y)*(y==k)).mean()
def count_errors(p, y): return ((p>0)!=(y==1)).float().mean() + 0*p.sum()

SURE = "It rejects a sound one. At scores of ±20, right answers cost {} there, wrong ones {}."
EITHER = "{} costs nothing there, whatever the answer. Does your test ask what a wrong answer costs, for either label?"
LOSSES = [
    Thing("that is the mean distance of sigmoid(preds) from the labels", mnist_loss, True,
        SURE.format('2e-9', '1') + " Perhaps it compares exactly, or its scores aren't sure?"),
    Thing("that is the cross-entropy of one column", lambda p,y: with_logits(p, y).mean(), True,
        SURE.format('2e-9', '20') + " A wrong answer may cost more than 1."),
    Thing("that is the mean squared distance of sigmoid(preds) from the labels", squared_distance, True,
        SURE.format('4e-18', '1') + " Undecided ones cost 0.25."),
    Thing("that is the mean distance, computed in a loop over the images", one_by_one, True,
        "It rejects a sound one, the mean distance: only the way to it is another."),
    Thing("whose sign is wrong", lambda p,y: -mnist_loss(p, y), False,
        "Right answers cost more than wrong ones there. Does your test ask which of the two costs less?"),
    Thing("without a sigmoid", no_sigmoid, False,
        "At scores of ±20, right answers cost -19.5 there, less than nothing. Does your test ask how low it can go?"),
    Thing("with two sigmoids", lambda p,y: mnist_loss(p.sigmoid(), y), False,
        "With mixed labels, right answers at ±20 cost 0.4 there. Does your test ask what perfect predictions cost?"),
    Thing("where scores (n,) meet labels (n,1)", every_with_every, False,
        "Only with mixed labels does it show: right answers cost about 0.5 there. Does your test mix them?"),
    Thing("that looks only at the 3s", of_label(1), False, EITHER.format("A 7")),
    Thing("that looks only at the 7s", of_label(0), False, EITHER.format("A 3")),
    Thing("that adds up", lambda p,y: mnist_loss(p, y)*len(y), False,
        "It is a sum: the same batch twice costs double. Does your test ask that, where predictions cost something?"),
    Thing("that counts errors", count_errors, False,
        "It falls in one jump. Does your test ask whether an answer that gets a little better costs a little less?")]

def check_step_is_sound(step_is_sound):
    "A test of steps of gradient descent"
    inspect_test('step_is_sound', step_is_sound, 'a step', STEPS,
        "chapter 03, '`calc_grad`, and gradients that add up' and '`train_epoch`'")

def nothing(*args): pass

def down(params, lr):
    for p in params: p -= lr*p.grad
def up(params, lr): down(params, -lr)
def by_sign(params, lr):
    for p in params: p -= lr*p.grad.sign()

def to_none(params):
    for p in params: p.grad = None
def to_zero(params):
    for p in params:
        if p.grad is not None: p.grad.zero_()

def sgd(move, last=nothing, first=nothing):
    "A step that moves the parameters along their gradients, and clears them"
    def step(params, loss, lr):
        first(params)
        loss().backward()
        with torch.no_grad(): move(params, lr)
        last(params)
    return step

def by_pytorch(params, loss, lr):
    opt = torch.optim.SGD(params, lr=lr)
    opt.zero_grad()
    loss().backward()
    opt.step()

def by_autograd(params, loss, lr):
    for p,g in zip(params, torch.autograd.grad(loss(), params)): p.data = p.data - lr*g

def replacing(params, loss, lr):
    loss().backward()
    params[:] = [(p if p.grad is None else p-lr*p.grad).detach().requires_grad_() for p in params]

def late(params, loss, lr):
    with torch.no_grad(): down([p for p in params if p.grad is not None], lr)
    to_none(params)
    loss().backward()

SOUND = "It rejects a sound one: {} Is something compared exactly that floats give nearly, or must a gradient be left?"
LEFT = SOUND.format("after it, the gradient of this step is still there, and the next step clears it.")
WHERE = "Does your test ask where a parameter is after a step?"
TWICE = "Does your test take two steps, and look at both parameters after the second?"
STEPS = [
    Thing("that sets gradients to zero at its end", sgd(down, to_zero), True,
        SOUND.format("it moves each parameter by -lr times its gradient.")),
    Thing("that sets gradients to None at its beginning", sgd(down, first=to_none), True, LEFT),
    Thing("that sets gradients to zero at its beginning", sgd(down, first=to_zero), True, LEFT),
    Thing("that sets gradients to None at its end", sgd(down, to_none), True,
        SOUND.format("after it, gradients are None.")),
    Thing("by PyTorch's SGD", by_pytorch, True, SOUND.format("it is PyTorch's own.")),
    Thing("without .grad, by torch.autograd.grad", by_autograd, True,
        SOUND.format("it doesn't use .grad at all, and moves as it should.")),
    Thing("that goes uphill", sgd(up, to_zero), False, f"It adds the gradient, and goes uphill. {WHERE}"),
    Thing("that does nothing but compute gradients", sgd(nothing, to_zero), False,
        f"It leaves all parameters where they are. {WHERE}"),
    Thing("that ignores lr", sgd(lambda params,lr: down(params, 1), to_zero), False,
        "It ignores lr, which doesn't show at a rate of 1. Does your test use another, and ask where a parameter is?"),
    Thing("that ignores the size of the gradient", sgd(by_sign, to_zero), False,
        "It moves all parameters by lr, whatever the size of the gradient. Does your test look where exactly one is?"),
    Thing("that moves only the first parameter", sgd(lambda params,lr: down(params[:1], lr), to_zero), False,
        "It moves only the first parameter. Does your test have two, and look at both?"),
    Thing("that makes new parameters", replacing, False, "New tensors go into the list, and the model's stay as they "
        "are. Does your test look at its own tensors, rather than into the list?"),
    Thing("that moves by the gradient of the step before", late, False,
        f"It moves before it computes the gradient, so that the first step does nothing. {WHERE}"),
    Thing("that never clears gradients", sgd(down), False,
        "All gradients add up. One step can't show it: does your test take two, and ask where a parameter is then?"),
    Thing("that clears the gradient of the first parameter only", sgd(down, lambda params: to_zero(params[:1])), False,
        f"Only the first parameter's gradient is cleared. {TWICE}"),
    Thing("that clears the gradient of the last parameter only", sgd(down, lambda params: to_zero(params[1:])), False,
        f"Only the last parameter's gradient is cleared. {TWICE}")]


# Case 8: a logarithm

def check_mended_bce(mended_bce):
    "Cross-entropy of one column, right for scores of any size"
    def func(preds, yb): return with_logits(preds, yb).mean()
    scores = [(2., 1), (-30., 1), (30., 0), *((o, y) for o in (200.,-200.,1000.,-1000.) for y in (1,0))]
    singles = [dict(preds=torch.tensor([[o]]), yb=torch.tensor([[y]])) for o,y in scores]
    trials = [*(tried(func, **o) for o in singles), *loss_trials(func), *(sloped(func, **o) for o in singles)]
    known = [o for stages in (BCE,BCE|CUT_OFF,BCE|PATCHED) for o in chains(bce_by, stages)]
    judge('mended_bce', mended_bce, trials, known,
        "chapter 06, 'Why cross-entropy stood still' and 'A sure mistake'", ASK_OF_LOSS)

def minus_logs(log, p, y): return -(y*log(p) + (1-y)*log(1-p))
def by_formula(s, y): return minus_logs(torch.log, s.sigmoid(), y)
def clamped(e): return lambda s,y: minus_logs(torch.log, s.sigmoid().clamp(e, 1-e), y)
def added(e): return lambda s,y: minus_logs(lambda p: (p+e).log(), s.sigmoid(), y)
def cut_at(most): return lambda s: s.clamp(-most, most)
def at_most(most): return lambda v: v.clamp(max=most)
def clamped_log(e): return lambda s,y: minus_logs(lambda p: p.clamp(min=e).log(), s.sigmoid(), y)

def put_in(e):
    "A small number in the place of 0, and its distance from 1 in the place of 1"
    def item(s, y):
        p = s.sigmoid()
        return minus_logs(torch.log, torch.where(p==0, e, torch.where(p==1, 1-e, p)), y)
    return item

TINY = [1e-3,1e-4,1e-5,1e-6,1e-7,1.1920929e-07,1e-8,1e-9,1e-10,1e-12,1e-15,1e-16,1e-20,1e-30,1e-38]
TO_0 = "A probability still runs to exactly 0 or 1 before the logarithm is taken"
COVERED = "nan and infinity are covered up by other numbers; the true cost is lost."
CUT = wrong("Scores are cut off before the sigmoid: beyond that, a mistake costs no more, and has no gradient.",
    *(cut_at(o) for o in (5,6,8,10,15,16,20,30,50,80,88,100)))
BCE = dict(
    scores=stage(as_is, CUT,
        ("The sigmoid is applied twice: what takes raw scores has it inside.", torch.sigmoid),
        ("The labels are exchanged: it costs most to be right.", torch.neg)),
    meet=stage(lambda s,y: (s, y),
        ("Scores and labels differ in shape, (n,) and (n,1): give both one shape, or broadcasting compares all.",
            lambda s,y: (s[:,0], y), lambda s,y: (s, y[:,0]))),
    item=stage(with_logits, lambda s,y: F.softplus((1-2*y)*s),
        (f"{TO_0}. Take the logarithm of the sigmoid in one go, from the score.", by_formula,
            lambda s,y: minus_logs(torch.log, 1/(1+(-s).exp()), y)),
        (f"{TO_0}: torch.where doesn't help, since the score is lost by then.",
            lambda s,y: -torch.where(y==1, s.sigmoid(), 1-s.sigmoid()).log(),
            lambda s,y: -torch.where(y==1, s.sigmoid().log(), (1-s.sigmoid()).log())),
        ("Probabilities are kept away from 0, by a clamp or by a small number, added or put in its place: no "
            "nan, but a sure mistake costs too little, and has no gradient, so it is never unlearned.",
            *(way(e) for way in (clamped,added,clamped_log,put_in) for e in TINY)),
        ("The logarithm of a sigmoid that has run to 0 is infinite, and 0 times infinity is nan. logsigmoid "
            "takes both in one go.", lambda s,y: -(y*s.sigmoid().log() + (1-y)*(-s).sigmoid().log())),
        ("More digits only move the place where it breaks: in 64 bits, 1 less a sigmoid is 0 from 37 on.",
            lambda s,y: by_formula(s.double(), y), lambda s,y: by_formula(s.double(), y).float()),
        ("It hands PyTorch probabilities, and the score is lost by then: for a sure mistake, the gradient is "
            "wrong. Another one takes raw scores.", lambda s,y: bce(s.sigmoid(), y)),
        ("The exponential of a large score is infinite: log(1+exp(score)) breaks above 88.",
            lambda s,y: (1+s.exp()).log()-y*s, lambda s,y: (1+((1-2*y)*s).exp()).log()),
        (COVERED, lambda s,y: minus_logs(lambda p: p.log().nan_to_num(), s.sigmoid(), y)),
        ("This loss wants labels as floats: is a .float() missing?",
            lambda s,y: F.binary_cross_entropy_with_logits(s, y, reduction='none')),
        ("Only the 3s cost something: the term for label 0 is missing.", lambda s,y: -y*F.logsigmoid(s)),
        ("This is the mean distance, `mnist_loss`: a cross-entropy was asked for.", lambda s,y: away(s.sigmoid(), y)),
        ("These are squared distances: a cross-entropy was asked for.", lambda s,y: (s.sigmoid()-y)**2)),
    mean=stage(torch.mean, [o for o in MEAN if o.wrong]), sign=SIGN, patch=right(as_is))
CUT_OFF = dict(scores=CUT, item=right(by_formula)) # what is cut off needs no logarithm that is safe
PATCHED = dict(item=right(by_formula), patch=stage( # and what is patched had none
    (COVERED, torch.nan_to_num), ("The loss is cut off; the true cost is lost, and its gradient is nan still.",
        *(at_most(o) for o in (10,50,100,1000)))))

def bce_by(scores, meet, item, mean, sign, patch):
    def loss(preds, yb): return patch(sign(mean(item(*meet(scores(preds), yb)))))
    return loss


# Case 9: a whole set-up

def check_mended_setup(mended_setup):
    "Arguments in which `check_setup` finds nothing wrong, and which are still what was asked for"
    import_module('fastai.data.load') # what the learner's loaders may need, before the time runs
    made = {}
    def arguments(f):
        v = f()
        if v is None: return
        if not isinstance(v, dict) or set(v)!=set(ARGUMENTS):
            came = f"a dict with {', '.join(map(str, v))}" if isinstance(v, dict) else a_type(v)
            return Problem(came, "Return the six arguments of check_setup, all of them and no others.",
                wanted=f"a dict with {', '.join(ARGUMENTS)}")
        made.update(v)
        return FINE
    def asked(question): return Trial(lambda f: question(**made) or FINE, FINE, "mended_setup()", limit=2.5)
    trials = [Trial(arguments, FINE, "mended_setup()"), asked(check_up), asked(as_asked), asked(trained)]
    judge('mended_setup', mended_setup, trials, (), "chapter 10, 'Two patients'; check_setup's table says more")

FINE = "a set-up in order"
ARGUMENTS = ['dls','model','loss_func','metrics','lr','opt_func']

def check_up(**kw):
    "What `check_setup` finds wrong, or can't look at"
    from ..checkup import check_setup
    report = check_setup(**kw)
    bad = [o for verdict in ('wrong','crashed') for o in report.rows if o.verdict==verdict]
    if bad:
        names = ', '.join(f"'{o.group}: {o.check}'" for o in bad)
        return Problem(f"a set-up with which check_setup isn't content: {names}", bad[0].text)

def both_parts(dls):
    "All the items of the training and of the validation part"
    return [tuple(torch.cat(o) for o in zip(*dl)) for dl in getattr(dls, 'loaders', dls)[:2]]

def as_asked(dls, model, **rest):
    "Is it still the task that was set?"
    from ..loss_functions import sample_xy
    x,parts = sample_xy('test')[0],both_parts(dls)
    stock,used = ({r.tobytes() for r in o.numpy()} for o in (x, torch.cat([o[0].view(-1, 784) for o in parts])))
    sizes = [len(o[0]) for o in parts]
    if not used <= stock:
        return Problem("images that aren't in x37", "The images are other ones, or have been changed.", wanted="x37")
    if used!=stock or sizes!=[1500,538]:
        return Problem(f"{sizes[0]} training and {sizes[1]} validation images, {len(used)} different ones",
            "Some images are left out, or taken twice.", wanted="1500 and 538, all of x37")
    for name,(_,y) in zip(('training','validation'), parts):
        if not 0.4 < y.float().mean() < 0.6:
            return Problem(f"{y.float().mean():.0%} of 3s among the {name} images", f"The {name} part is one-sided: "
                "sorted images were cut in two. Mix before you cut.", wanted="about half")
    made = tuple(model(x[:5]).shape)
    if made!=(5,1):
        return Problem(f"a model that makes {made} of five images", "The model isn't the one that was asked for, with "
            "one score for each image.", wanted="(5,1)")

def trained(dls, model, loss_func, metrics, lr, opt_func):
    "Does it learn in three epochs?"
    train,valid = getattr(dls, 'loaders', dls)[:2]
    opt = opt_func(list(model.parameters()), lr=lr)
    for _ in range(3):
        for xb,yb in train:
            loss_func(model(xb), yb).backward()
            opt.step()
            opt.zero_grad()
    metric = metrics if callable(metrics) else metrics[0]
    x,y = (torch.cat(o) for o in zip(*valid))
    acc = number(metric(model(x), y))
    if acc<0.95:
        return Problem(f"an accuracy of {acc:.3f} after three epochs", "It learns, but slowly: is the learning rate "
            "low, or the batch very large?", wanted="0.95 or more")
