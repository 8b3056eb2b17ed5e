"Assignment 5: find the bug"
# Three kinds of exercises. A mended function is judged by its results. What has many right answers (a batch, a split, a loader, a
# set-up) is looked at property by property. And a test that the learner writes is tried on sound and on faulty things.
import torch
import torch.nn.functional as F

from .core import CheckFailed,Problem,Trial,a_type,attempt,bind,fail,judge,number,same,short

__all__ = ['check_exposing_batch','check_mended_metric','check_mended_validate','check_mended_split','check_loss_and_metric','check_MendedBatches',
    'check_mended_loss','check_loss_is_sound','check_step_is_sound','check_mended_bce','check_mended_setup']

NOTHING = "It returns nothing: is `return` missing?"
RAISES = {"multi-target": "cross_entropy and nll_loss want labels (n,), and these are (n,1): is a squeeze(1) missing?",
    "output type Long": "This loss wants labels as floats: is a .float() missing?"}
NO_GRADIENT = "has no gradient, so nothing can be learned from it: it counts, or calls .item(), .data or .detach()."

def rand(*size, seed=0): return torch.randn(size, generator=torch.Generator().manual_seed(seed))
def labels(n, k=2, seed=0): return torch.randint(0, k, (n,1), generator=torch.Generator().manual_seed(seed))

def is_tensor(v, *dims): return isinstance(v, torch.Tensor) and v.dim() in (dims or (v.dim(),))
def is_pair(v): return isinstance(v, (tuple,list)) and len(v)==2

def changed(name): raise CheckFailed(f"its argument {name} changed", f"It changes its argument {name} in place. Work on a copy.")

def called(f, **roles):
    "What `f` returns for these arguments. Raises `CheckFailed` if it changes one of them."
    given = {k: v.clone() if is_tensor(v) else v for k,v in roles.items()}
    res = bind(f, **given)()
    for k,v in roles.items():
        if is_tensor(v) and not torch.equal(given[k], v): changed(k)
    return res

def look_at(name, f, trials, read):
    "Print a line if `run` returns None in each trial; else it returns what came, what was expected, and the cause"
    if not callable(f): fail(name, f"what was given is {short(f)}, not callable", f"Pass what you wrote itself: check_{name}({name}).", read)
    for trial in trials:
        found = attempt(trial, f)
        if isinstance(found, Problem): found = found.what,trial.want,next((text for part,text in RAISES.items() if part in found.what), found.cause)
        if found: fail(name, f"for {trial.show}\nit gave  {found[0]}\nexpected {found[1]}", found[2], read)
    print(f"{name}: all well")

# Case 1: a metric

def metric_1(preds, yb): return 1 - (preds.argmax(dim=1)==yb).float().mean()

def check_exposing_batch(exposing_batch):
    "A batch, all right, to which the metric of case 1 says 0"
    def run(f):
        v = f()
        if v is None: return "None", "a pair: scores (n,10) and labels (n,1)", NOTHING
        if not is_pair(v) or not all(is_tensor(o) for o in v): return short(v), "a pair of tensors", \
            "It returns no pair of tensors: return scores and labels, in this order."
        preds,yb = v
        shapes = f"{tuple(preds.shape)} and {tuple(yb.shape)}"
        if is_tensor(yb, 2) and yb.shape[1]==10 and preds.numel()==len(yb): return shapes, "scores (n,10) and labels (n,1)", \
            "They are in the wrong order: scores first, then labels."
        if preds.dim()!=2 or preds.shape[1]!=10: return shapes, "scores (n,10) and labels (n,1)", \
            "The predictions have the wrong shape: a row of ten scores for each image, not the answers themselves."
        if yb.shape!=(len(preds),1): return shapes, "scores (n,10) and labels (n,1)", \
            "The labels aren't a column, (n,1). With another shape the metric does something else."
        if len(yb)<2: return "one image", "at least two", "It is too small: with one image, half of the fault can't be seen."
        top = preds.topk(2).values
        if (top[:,0]==top[:,1]).any(): return short(preds), "one score in each row larger than all the others", \
            "Some row has no largest score, so it has no answer."
        right = int((preds.argmax(dim=1)==yb[:,0]).sum())
        if right<len(yb): return f"{right} right answers of {len(yb)}", "all of them right", \
            "Not all answers are right: the largest score of a row must be in the column of its label."
        score = metric_1(preds, yb).item()
        if score>1e-6: return f"right answers to which metric_1 says {score:.4g}", "0", \
            "All are right, but the metric's answer depends on how labels are mixed in the batch: try other labels."
    look_at('exposing_batch', exposing_batch, [Trial(run, "a pair: scores (n,10) and labels (n,1)", 'exposing_batch()')],
        "chapter 06, 'Does a perfect prediction score 1?', and chapter 07, 'The 0.6374'")

def check_mended_metric(mended_metric):
    "Share of right answers for scores (n,k) and labels (n,1)"
    def trial(preds, yb, show): return Trial(lambda f: called(f, preds=preds, yb=yb), (preds.argmax(dim=1)==yb[:,0]).float().mean(), show)
    small = torch.tensor([[0.,0.5,2.],[0.,3.,0.2],[1.,0.1,0.]])
    trials = [trial(small[:2], torch.tensor([[2],[1]]), "preds = tensor([[0.,0.5,2.],[0.,3.,0.2]]), yb = tensor([[2],[1]]), both right"),
        trial(small, torch.tensor([[2],[1],[2]]),
            "preds = tensor([[0.,0.5,2.],[0.,3.,0.2],[1.,0.1,0.]]), yb = tensor([[2],[1],[2]]), two of three right"),
        trial(small[:1], torch.tensor([[2]]), "a single image, answered right"),
        trial(small[[0]*4], torch.tensor([[2]]*4), "four right answers with the same label"),
        trial(rand(37, 10), labels(37, 10), "37 random rows with mixed labels"),
        trial(rand(10, 10)*100, labels(10, 10, seed=1), "ten random rows with scores up to a few hundred"),
        trial(rand(6, 10)/100-5, labels(6, 10, seed=2), "six rows of scores that are all near -5"),
        trial(F.one_hot(labels(9, 10)[:,0], 10)*0.3, labels(9, 10), "nine right answers, each ahead of the others by 0.3")]
    own = lambda p,y: (p.argmax(dim=1)==y[:,0]).float()
    judge('mended_metric', mended_metric, trials, [
        ("Two faults are in it still: (n,) meets (n,1), so that each answer is compared with all labels, and equal pairs are taken for errors.",
            metric_1),
        ("It gives the share of errors: right answers are counted, and then taken away from 1.", lambda p,y: 1-own(p, y).mean()),
        ("It gives the share of errors: it counts where answer and label differ.", lambda p,y: 1-own(p, y).mean()),
        ("Answers (n,) still meet labels (n,1), and broadcasting compares every answer with every label.", lambda p,y: 1-metric_1(p, y)),
        ("Answers (n,) still meet labels (n,1), and broadcasting counts all the pairs.", lambda p,y: (p.argmax(dim=1)==y).float().sum()/len(y)),
        ("It counts the right ones, and doesn't divide by their number: a sum for a mean.", lambda p,y: own(p, y).sum()),
        ("It is a percentage: a share, from 0 to 1, was asked for.", lambda p,y: 100*own(p, y).mean()),
        ("Trues and Falses have no mean: make them numbers first, .float().", lambda p,y: own(p, y).bool().mean()),
        ("The argmax goes over all scores of the batch: it needs dim=1.", lambda p,y: (p.argmax()==y).float().mean()),
        ("It answers for each image, and no mean is taken.", own), ("It answers for each image, and no mean is taken.", lambda p,y: own(p, y).bool()),
        ("It says 1 only if all are right: take the mean.", lambda p,y: own(p, y).min()),
        ("The argmax runs down the columns: dim=0 is the images, dim=1 the scores of one.", lambda p,y: (p.argmax(dim=0)==y).float().mean()),
        ("It compares the largest score itself with the label. Its column is the answer: argmax, not max.",
            lambda p,y: (p.max(dim=1).values==y[:,0]).float().mean()),
        ("Scores are rounded before the argmax, and small differences are lost.", lambda p,y: own(p.round(), y).mean()),
        ("There is a threshold of 0.5 where only the largest score should count.", lambda p,y: (p.softmax(dim=1).gather(1, y)>0.5).float().mean()),
        ("There is a threshold of 0 where only the largest score should count.", lambda p,y: (p.gather(1, y)>0).float().mean()),
    ], "chapter 07, 'The 0.6374', and for shapes chapter 02, 'Broadcasting'")

# Case 2: a validation

def check_mended_validate(mended_validate):
    "The mean of a metric over all items, for batches of any sizes"
    def accuracy(preds, yb): return ((preds>0)==yb).float().mean()
    def distance(preds, yb): return (preds.sigmoid()-yb).abs().mean().item()
    def trial(sizes, metric, show, seed=0):
        preds,yb = rand(sum(sizes), 1, seed=seed),labels(sum(sizes), seed=seed)
        preds[-sizes[-1]:],yb[-sizes[-1]:] = 2.,1 # all right in the last batch
        dl = list(zip((preds-1).split(sizes), yb.split(sizes)))
        return Trial(lambda f: number(bind(f, model=lambda xb: xb+1, valid_dl=dl, metric=metric)()), float(metric(preds, yb)), show)
    trials = [trial([4,1], accuracy, "a batch of 4 and a batch of 1, and an accuracy", seed=3),
        trial([4,4], accuracy, "two batches of 4", seed=1), trial([7], accuracy, "one batch of 7"),
        trial([5,5,5,2], accuracy, "batches of 5, 5, 5 and 2", seed=2), trial([1,9,3], accuracy, "batches of 1, 9 and 3"),
        trial([8,8,3], distance, "batches of 8, 8 and 3, and a metric that isn't an accuracy: the mean distance from the labels, as a float")]
    def values(m, dl, metric): return [float(metric(m(xb), yb)) for xb,yb in dl],[len(yb) for _,yb in dl]
    def wrong(f): return lambda model, valid_dl, metric: f(*values(model, valid_dl, metric))
    def weighed(vs, ns): return sum(v*n for v,n in zip(vs, ns))
    exact = wrong(lambda vs, ns: weighed(vs, ns)/sum(ns))
    judge('mended_validate', mended_validate, trials, [
        ("It is the mean of the batches' means still: a small batch has the same say as a large one.", wrong(lambda vs, ns: sum(vs)/len(vs))),
        ("It leaves out the last batch.", wrong(lambda vs, ns: weighed(vs[:-1], ns[:-1])/max(sum(ns[:-1]), 1))),
        ("It leaves out the last batch.", wrong(lambda vs, ns: sum(vs[:-1])/max(len(vs)-1, 1))),
        ("It leaves out batches that are smaller than the first.", wrong(lambda vs, ns: sum(v for v,n in zip(vs, ns) if n==ns[0])/ns.count(ns[0]))),
        ("It leaves out batches that are smaller than the largest.",
            wrong(lambda vs, ns: sum(v for v,n in zip(vs, ns) if n==max(ns))/ns.count(max(ns)))),
        ("It divides by the number of batches, where the sum has a share for each item.", wrong(lambda vs, ns: weighed(vs, ns)/len(ns))),
        ("It is divided twice, by the number of batches and by the number of items.", wrong(lambda vs, ns: weighed(vs, ns)/len(ns)/sum(ns))),
        ("It divides by batches times the size of the first one, as if all were of one size.", wrong(lambda vs, ns: weighed(vs, ns)/(len(ns)*ns[0]))),
        ("It divides by the number of items, but the means are added up unweighed: give each batch its size as its weight.",
            wrong(lambda vs, ns: sum(vs)/sum(ns))),
        ("It gives a sum: it isn't divided by the number of items.", wrong(weighed)),
        ("It gives a sum: it isn't divided by anything.", wrong(lambda vs, ns: sum(vs))),
        ("It gives the metric of the last batch only: is the loop's result overwritten?", wrong(lambda vs, ns: vs[-1])),
        ("It gives the metric of the first batch only: is the return inside of the loop?", wrong(lambda vs, ns: vs[0])),
        ("It computes an accuracy of its own, and doesn't use the metric that it is given.",
            lambda model, valid_dl, metric: exact(model, valid_dl, accuracy)),
        ("It hands the inputs to the metric, and doesn't ask the model.", lambda model, valid_dl, metric: exact(lambda xb: xb, valid_dl, metric)),
    ], "chapter 03, '`batch_accuracy` and `validate_epoch`'")

# Case 3: a split

def check_mended_split(mended_split):
    "Two parts, disjoint, complete, of the right sizes, mixed, with images and labels still paired"
    def trial(n, n_valid, shape):
        ids = torch.arange(n)
        x,y = ids[:,None].float().expand(n, 3)/n,(ids//4).view(shape)
        def run(f):
            v = called(f, x=x, y=y, n_valid=n_valid)
            if v is None: return "None", "two pairs, (train_x,train_y) and (valid_x,valid_y)", NOTHING
            if not is_pair(v) or not all(is_pair(o) and is_tensor(o[0], 2) and is_tensor(o[1]) for o in v):
                return short(v), "two pairs of tensors, (train_x,train_y) and (valid_x,valid_y)", \
                    "The result has another form: a pair of pairs of tensors is wanted."
            train,valid = [(o[0][:,0]*n).round().long().tolist() for o in v]
            size,both = f"{len(train)} training and {len(valid)} validation images",len(set(train)&set(valid))
            if [len(o[1]) for o in v]!=[len(train),len(valid)]: return f"{size}, with {len(v[0][1])} and {len(v[1][1])} labels", "a label for each", \
                "Images and labels aren't split alike."
            if (len(train),len(valid))==(n_valid,n-n_valid) and not both: return size, f"{n-n_valid} and {n_valid}", \
                "The two parts are the wrong way round: the training part comes first."
            if both: return f"{both} of {len(valid)} validation images that are training images as well", "none", \
                "The training part still holds all images, those set aside as well." if len(set(train))==n else \
                "Both parts are cut from one order of the images, but the cuts overlap." if both==len(valid) else \
                "Training and validation images are drawn independently of each other, so that many are in both."
            if len(set(train))<len(train) or len(set(valid))<len(valid): return "some images twice in a part", "each image once", \
                "They are drawn with replacement, randint for randperm."
            if (len(train),len(valid))!=(n-n_valid,n_valid): return size, f"{n-n_valid} and {n_valid}", \
                "The sizes are wrong: n_valid images to validate, and all the others to train."
            for part,idxs,(_,py) in zip(('training','validation'), (train,valid), v):
                if py.shape[1:]!=y.shape[1:] or not torch.equal(py, y[idxs]):
                    return f"labels of the {part} part that aren't those of its images", "each image with its own label", \
                        "Images and labels are taken by different indices, so that pairs are torn apart."
            if 1 < n_valid < n-1 and max(valid)-min(valid)==n_valid-1:
                return f"the images {min(valid)} to {max(valid)}, in one piece, to validate", "images from everywhere", \
                    "It isn't random: a piece of the data in their order. Sorted data would leave some digits out of it."
        return Trial(run, "two parts of the images", f"{n} images, sorted by their labels {shape}, and n_valid={n_valid}")
    look_at('mended_split', mended_split, [trial(60, 20, (60,)), trial(41, 7, (41,1)), trial(30, 29, (30,))],
        "chapter 10, 'The data', and chapter 01, 'Images that the means have not seen'")

# Case 4: a loss and a metric

def check_loss_and_metric(loss_and_metric):
    "A loss and a metric for two columns, each sound by itself"
    yb,pair = torch.tensor([[1],[0],[1],[1],[0]]),"a loss and a metric that fit"
    def scores(margin, y=yb, shift=0.): return (F.one_hot(y[:,0], 2)*2.-1)*margin + shift
    def both(f):
        v = f()
        if v is None: return "None", "two functions, a loss and a metric", NOTHING
        if not is_pair(v) or not all(callable(o) for o in v): return short(v), "two functions, a loss and a metric", \
            "It returns no pair of functions. Return them uncalled: loss, metric."
        costs,marks = [number(v[0](scores(o), yb)) for o in (-3,0,3)],[number(v[1](scores(o), yb)) for o in (-3,3)]
        for name,vs in (('loss',costs),('metric',marks)):
            if not all(isinstance(o, float) for o in vs): return f"from the {name} {short(vs)}", "one number each", \
                f"The {name} doesn't return one number: is a mean or a return missing?"
        rises,falls = costs[0]<costs[1]<costs[2],costs[0]>costs[1]>costs[2]
        came = f"a loss of {short(costs)}, and a metric of {marks[0]:.3g} for all wrong and {marks[1]:.3g} for all right"
        want = "a loss that falls from one to the next, and a metric of 0 and of 1"
        trap = " That's the trap: with one of two faults mended, the number collapses."
        if marks==[1,0] and rises: return came, want, \
            "Both are as they were: the loss falls as answers get worse, and the metric reads the other column, so that it likes them worse."
        if marks==[1,0] and falls: return came, want, "The loss is mended, but the metric still reads the other column." + trap
        if marks==[0,1] and rises: return came, want, \
            "The metric is mended, but the loss still rises as answers get better: its sign is wrong." + trap
        pairs = (scores(3).argmax(dim=1)==yb).float().mean().item()
        if same(marks[1], pairs) or same(marks[1], 1-pairs): return came, want, \
            "In the metric, answers (n,) meet labels (n,1), and broadcasting compares each with all."
        if marks==[0,len(yb)]: return came, want, "The metric counts the right ones: a sum for a mean."
        if marks!=[0,1]: return came, want, \
            "The metric is neither right nor reversed: is the answer the column with the larger score, and is a mean taken?"
        if not falls: return came, want, "The loss doesn't follow the answers: a better prediction must cost less, and an undecided one lie between."
    def metric(show, cause, *args):
        def run(f):
            came = number(f()[1](scores(*args), args[1] if len(args)>1 else yb))
            if not same(came, 1.): return f"a metric of {short(came)}", "1", cause
        return Trial(run, pair, show)
    def own(f):
        preds = scores(1)*rand(5, 1).abs()*torch.tensor([[1.],[-1.],[1.],[1.],[-1.]])
        whole,each = number(f()[0](preds, yb)),sum(number(f()[0](preds[i:i+1], yb[i:i+1])) for i in range(5))/5
        if not same(whole, each, 1e-3): return f"a loss of {whole:.4g}", f"{each:.4g}, the mean of their losses one by one", \
            "The loss is a sum: take the mean." if same(whole, each*5, 1e-3) else \
            "In the loss, a prediction meets the labels of others: broadcasting, (n,) against (n,1)."
    def floor(f):
        sure = [number(f()[0](scores(o), yb)) for o in (10,20)]
        if not sure[1] > sure[0]-0.5: return f"a loss of {short(sure)}", "no difference", \
            "The loss falls without end as scores grow: it takes them for probabilities, and softmax is missing."
        if sure[1]>0.1: return f"a loss of {short(sure)}", "about 0", "Even perfect predictions cost something: is softmax applied twice?"
    def finite(margin):
        def run(f):
            p = scores(margin).requires_grad_()
            v = f()[0](p, yb)
            if not is_tensor(v) or not v.requires_grad: return "a loss without a gradient", "a tensor with one", "The loss " + NO_GRADIENT
            g, = torch.autograd.grad(v, p)
            if not (v.isfinite() and g.isfinite().all()): return f"a loss of {v.item():.3g} and a gradient that begins with {short(g[0])}", \
                "finite ones", \
                "A probability underflows to 0, and its logarithm is infinite: softmax and then log. Use log_softmax."
        return Trial(run, pair, f"five images, all {'right' if margin>0 else 'wrong'}, with scores of ±1000")
    threshold = "The metric has a threshold for one column. Only which of the two scores is larger should count."
    look_at('loss_and_metric', loss_and_metric, [
        Trial(both, pair, "five images with labels 1, 0, 1, 1, 0, and predictions that are all wrong, undecided, all right"),
        metric("five images, all right by a margin of 0.1", "The metric doesn't count what is right by little: is there a threshold?", 0.05),
        metric("five images, all right, with 4 more for every score", threshold, 3, yb, 4.),
        metric("five images, all right, with 4 less for every score", threshold, 3, yb, -4.),
        metric("one image, a 7, answered right", "The metric looks only at 3s.", 3, yb[1:2]),
        Trial(own, pair, "five images, some right and some wrong"),
        Trial(floor, pair, "five images, all right, with scores of ±10 and then of ±20"),
        finite(1000), finite(-1000),
    ], "chapter 06, 'Does the loss fall when the answer gets better?' and the two sections after it")

# Case 5: a loader and a loss

ANEW = "make the order anew in __iter__."

def check_MendedBatches(MendedBatches):
    "Batches of mixed items, each item once an epoch, in a new order each time"
    def trial(n, bs):
        ids = torch.arange(n)
        x,y,want = ids[:,None].float().expand(n, 3)+100,(ids//8)[:,None],[bs]*(n//bs) + [n%bs]*(n%bs>0)
        def run(cls):
            dl = called(cls, x=x, y=y, bs=bs)
            first = epoch(dl)
            if isinstance(first, tuple): return first
            second = epoch(dl)
            if isinstance(second, tuple) and not second[0]: return "nothing in the second epoch", f"{n} items again", \
                "It runs dry after one epoch: " + ANEW
            if isinstance(second, tuple): return second
            if n>bs and first==second: return f"the same order in both epochs, {short(first)}", "a new order each time", \
                "It is shuffled once, and then never again: " + ANEW
        def epoch(dl):
            "The items in their order, or what is wrong"
            got = []
            for b in dl:
                if not is_pair(b) or not all(is_tensor(o) for o in b): return short(b), "batches that are pairs of tensors (xb,yb)", \
                    "It yields something else than pairs of tensors."
                if b[0].dim()==1: return f"{tuple(b[0].shape)} and {tuple(b[1].shape)}", f"batches ({bs},3) and ({bs},1)", \
                    "It yields single items: an epoch is cut into batches."
                got.append(((b[0][:,0]-100).long().tolist(), b[1]))
                if len(got)>n: return f"more than {n} batches", "an end", "An epoch doesn't end."
            items,sizes = [i for o,_ in got for i in o],[len(o) for o,_ in got]
            came = f"batches of {short(sizes)} items"
            if not items: return "", f"{n} items", "It yields nothing."
            if len(items)!=len(set(items)): return "some items more than once in an epoch", "each once", \
                "They are drawn with replacement, randint for randperm, or batches overlap."
            if len(items)<n: return came, f"{n} items in an epoch", \
                "The last batch, which is smaller, is left out." if sizes==want[:len(sizes)] else "Some items are left out."
            if sorted(sizes, reverse=True)!=want: return came, f"batches of {short(want)}", \
                "The batches have the wrong sizes: bs items each, and the rest in the last one."
            for o,yb in got:
                if yb.shape!=(len(o),1): return f"labels {tuple(yb.shape)} in a batch of {len(o)}", f"{(len(o),1)}", \
                    "x is paired with x." if yb.shape[1:]==(3,) else "The labels lose their shape on the way."
                if not torch.equal(yb, y[o]): return "labels that aren't those of the images", "each image with its own label", \
                    "Images and labels come in different orders, so that pairs are torn apart."
            if n>bs and items==ids.tolist(): return f"the items {short(items)}", "a mixed order", \
                "They come in the order of the data: nothing is shuffled."
            if n>bs and all(max(o)-min(o)==len(o)-1 for o,_ in got): return f"a batch with the items {short(sorted(got[0][0]))}", \
                "items from everywhere in a batch", \
                "Neighbours stay together: the order of the batches is shuffled, or the order within them, but not the items."
            if sizes!=want: return came, f"batches of {short(want)}", "The smaller batch comes too early: the rest belongs in the last one."
            return items
        return Trial(run, "batches", f"{n} images, sorted by their labels, and bs={bs}")
    look_at('MendedBatches', MendedBatches, [trial(23, 5), trial(20, 4), trial(9, 100)],
        "chapter 03, 'Mini-batches and `DataLoader`' and 'What shuffling does'")

def value_and_gradient(f, preds, yb):
    "A loss and its gradient with respect to the predictions"
    p = preds.clone().requires_grad_()
    v = called(lambda yb: bind(f, preds=p, yb=yb)(), yb=yb)
    if not torch.equal(p, preds): changed('preds')
    if not isinstance(v, float) and not (is_tensor(v) and v.numel()==1): return v
    if isinstance(v, float) or not v.requires_grad: raise CheckFailed(f"{float(v):.4g}, without a gradient", "The loss " + NO_GRADIENT)
    return dict(loss=v.detach().view(()), gradient=torch.autograd.grad(v.view(()), p, allow_unused=True)[0])

def loss_trials(right):
    "Trials of a loss of scores (n,1) and labels (n,1), on values and gradients"
    two = torch.tensor([[2.],[-1.]]),torch.tensor([[1],[0]])
    def trial(preds, yb, show): return Trial(lambda f: value_and_gradient(f, preds, yb), value_and_gradient(right, preds, yb), show)
    return [trial(*two, "preds = tensor([[2.],[-1.]]), yb = tensor([[1],[0]]), both right"),
        trial(two[0], 1-two[1], "preds = tensor([[2.],[-1.]]), yb = tensor([[0],[1]]), both wrong"),
        trial(two[0][:1], two[1][:1], "one image"), trial(rand(5, 1)*2, torch.tensor([[1],[1],[0],[1],[0]]), "five random scores with mixed labels"),
        trial(rand(37, 1)*3, labels(37), "37 random scores with mixed labels"),
        trial(torch.tensor([[50.],[-50.],[-50.]]), torch.tensor([[1],[0],[1]]), "scores of 50, -50 and -50, with labels 1, 0 and 1")]

def mnist_loss(p, y): return torch.where(y==1, 1-p.sigmoid(), p.sigmoid()).mean()

def check_mended_loss(mended_loss):
    "Mean distance of each image's probability from its own label"
    pairs = lambda p: p.expand(len(p), len(p)).t()
    judge('mended_loss', mended_loss, loss_trials(mnist_loss), [
        ("Probabilities (n,) still meet labels (n,1), and broadcasting measures the distance of every one from every label.",
            lambda p,y: mnist_loss(pairs(p), y)),
        ("Probabilities (n,) meet labels (n,1), and the distances of all pairs are added up.", lambda p,y: mnist_loss(pairs(p), y)*len(y)),
        ("It adds up where it should take the mean.", lambda p,y: mnist_loss(p, y)*len(y)),
        ("It returns a distance for each image: take the mean.", lambda p,y: torch.where(y==1, 1-p.sigmoid(), p.sigmoid())),
        ("sigmoid is missing: scores are taken for probabilities.", lambda p,y: torch.where(y==1, 1-p, p).mean()),
        ("sigmoid is applied twice.", lambda p,y: mnist_loss(p.sigmoid(), y)),
        ("It rises as answers get better: the two cases of the label, 1 and 0, are exchanged, or its sign is wrong.", lambda p,y: mnist_loss(-p, y)),
        ("Its sign is wrong.", lambda p,y: -mnist_loss(p, y)),
        ("These are squared distances: the mean distance was asked for.", lambda p,y: ((p.sigmoid()-y)**2).mean()),
        ("This is cross-entropy: the mean distance was asked for.", lambda p,y: F.binary_cross_entropy_with_logits(p, y.float())),
        ("This is cross-entropy: the mean distance was asked for.", lambda p,y: F.binary_cross_entropy(p.sigmoid(), y.float())),
        ("It compares the means of the batch, not each image with its own label.", lambda p,y: (p.sigmoid().mean()-y.float().mean()).abs()),
        ("Distances are left with their sign, so that those of 3s and 7s cancel.", lambda p,y: (p.sigmoid()-y).mean()),
        ("Distances are left with their sign, so that those of 3s and 7s cancel.", lambda p,y: (y-p.sigmoid()).mean()),
    ], "chapter 02, '`mnist_loss`, for keeps', and for shapes chapter 02, 'Broadcasting'")

# Cases 6 and 7: tests that the learner writes

def inspect_test(name, test, what, things, read):
    "Try a learner's test on sound and on faulty things: `(how it is called, the thing, whether it is sound, what tells)`"
    if not callable(test): fail(name, f"what was given is {short(test)}, no function", f"Pass the function itself: check_{name}({name}).", read)
    said = []
    for show,thing,sound,_ in things:
        v = attempt(Trial(lambda f: f(thing), sound, show), test)
        if str(getattr(v, 'dtype', '')).endswith('bool') and v.reshape(-1).shape==(1,): v = bool(v) # PyTorch's or NumPy's
        if isinstance(v, bool): said.append(v); continue
        cause = v.cause if isinstance(v, Problem) else NOTHING if v is None else f"It returns {a_type(v)}: return True or False."
        fail(name, f"for {what} {show}\nit gave  {short(v)}\nexpected {sound}", cause, read)
    wrong = [(o,s) for o,s in zip(things, said) if s!=o[2]]
    if wrong:
        (show,_,sound,tells),s = wrong[0]
        if len(wrong)==len(things): tells = "The answers are the wrong way round: True is for a sound one."
        elif set(said)=={True}: tells = "It says True to everything, sound or not: it finds no fault at all."
        elif set(said)=={False}: tells = "It says False to everything, sound or not. Is a comparison too strict, or one that can't come true?"
        fail(name, f"for {what} {show}\nit gave  {s}\nexpected {sound}", tells, read)
    print(f"{name}: all well")

def check_loss_is_sound(loss_is_sound):
    "A test of losses of scores (n,1) and labels (n,1)"
    sig = torch.sigmoid
    def one_by_one(preds, yb): return sum((1-sig(p) if t==1 else sig(p)) for p,t in zip(preds.flatten(), yb.flatten()))/len(preds)
    inspect_test('loss_is_sound', loss_is_sound, 'a loss', [
        ("that is the mean distance of sigmoid(preds) from the labels", mnist_loss, True,
            "It rejects a sound one: at ±20, right answers cost 2e-9 and wrong ones 1. Perhaps it compares exactly, or its scores aren't sure?"),
        ("that is the cross-entropy of one column", lambda p,y: F.binary_cross_entropy_with_logits(p, y.float()), True,
            "It rejects a sound one. At scores of ±20, right answers cost 2e-9 there, wrong ones 20. A wrong answer may cost more than 1."),
        ("that is the mean squared distance of sigmoid(preds) from the labels", lambda p,y: ((sig(p)-y)**2).mean(), True,
            "It rejects a sound one. At scores of ±20, right answers cost 4e-18 there, wrong ones 1, undecided ones 0.25."),
        ("that is the mean distance, computed in a loop over the images", one_by_one, True,
            "It rejects a sound one, the mean distance: only the way to it is another."),
        ("that is a mean of distances from the right side: 0 from a score of 1 on, and the larger the further it is behind",
            lambda p,y: F.relu(1-(2*y-1)*p).mean(), True,
            "It rejects a sound one. Right answers cost nothing there from a score of 1 on, and undecided ones 1."),
        ("whose sign is wrong", lambda p,y: 1-mnist_loss(p, y), False,
            "Right answers cost 1 there, and wrong ones 0. Does your test ask that right ones cost less?"),
        ("without a sigmoid", lambda p,y: torch.where(y==1, 1-p, p).mean(), False,
            "At scores of ±20, right answers cost -19.5 there, less than nothing. Does your test ask how low it can go?"),
        ("with two sigmoids", lambda p,y: mnist_loss(sig(p), y), False,
            "With mixed labels, even right answers at scores of ±20 cost about 0.4 there. Does your test ask what perfect predictions cost?"),
        ("where scores (n,) meet labels (n,1)", lambda p,y: mnist_loss(p.expand(len(p), len(p)).t(), y), False,
            "It can't be seen where all labels of a batch are the same. With mixed ones, right answers cost about 0.5. Does your test mix them?"),
        ("that looks only at the 3s", lambda p,y: torch.where(y==1, 1-sig(p), torch.zeros_like(p)).mean(), False,
            "A 7 costs nothing there, whatever is said of it. Does your test ask what a wrong answer costs, for either label?"),
        ("that looks only at the 7s", lambda p,y: torch.where(y==1, torch.zeros_like(p), sig(p)).mean(), False,
            "A 3 costs nothing there, whatever is said of it. Does your test ask what a wrong answer costs, for either label?"),
        ("that adds up", lambda p,y: mnist_loss(p, y)*len(y), False,
            "It is a sum: the same batch twice costs double. Does your test ask that, with predictions that cost something?"),
        ("that counts errors", lambda p,y: ((p>0)!=(y==1)).float().mean() + 0*p.sum(), False,
            "It falls in one jump, and its gradient is 0. Does your test ask whether a prediction that gets better by a little costs a little less?"),
    ], "chapter 06, 'Does the loss fall when the answer gets better?', and chapter 10, 'The loss'")

def check_step_is_sound(step_is_sound):
    "A test of steps of gradient descent"
    def sgd(move, zero=lambda ps: None, first=lambda ps: None):
        def step(params, loss, lr):
            ps = list(params)
            first(ps)
            loss().backward()
            with torch.no_grad():
                for i,p in enumerate(ps): move(i, p, lr)
            zero(ps)
        return step
    def down(i, p, lr): p -= lr*p.grad
    def no_grad(ps):
        for p in ps: p.grad = None
    def zeros(ps):
        for p in ps:
            if p.grad is not None: p.grad.zero_()
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
        with torch.no_grad():
            for p in params:
                if p.grad is not None: p -= lr*p.grad
        no_grad(params)
        loss().backward()
    def ignores(i, p, lr): p -= p.grad
    def up(i, p, lr): p += lr*p.grad
    def first_only(i, p, lr): p -= lr*p.grad*(i==0)
    def by_sign(i, p, lr): p -= lr*p.grad.sign()
    sound = "It rejects a sound one: {} Is something compared exactly that floats give only nearly, or is a gradient expected to be left, or not?"
    inspect_test('step_is_sound', step_is_sound, 'a step', [
        ("that sets gradients to zero at its end", sgd(down, zeros), True, sound.format("it moves each parameter by -lr times its gradient.")),
        ("that sets gradients to None at its beginning", sgd(down, first=no_grad), True,
            sound.format("after it, the gradient of this step is still there, and the next step clears it.")),
        ("that sets gradients to zero at its beginning", sgd(down, first=zeros), True,
            sound.format("after it, the gradient of this step is still there, and the next step clears it.")),
        ("that sets gradients to None at its end", sgd(down, no_grad), True, sound.format("after it, gradients are None.")),
        ("by PyTorch's SGD", by_pytorch, True, sound.format("it is PyTorch's own.")),
        ("without .grad, by torch.autograd.grad", by_autograd, True, sound.format("it doesn't use .grad at all, and moves as it should.")),
        ("that goes uphill", sgd(up, zeros), False, "It adds the gradient, and goes uphill. Does your test ask where a parameter is after a step?"),
        ("that does nothing but compute gradients", sgd(lambda i, p, lr: None, zeros), False,
            "It leaves all parameters where they are. Does your test ask where a parameter is after a step?"),
        ("that ignores lr", sgd(ignores, zeros), False,
            "It ignores lr, which can't be seen at a rate of 1. Does your test use another one, and ask where exactly a parameter is?"),
        ("that ignores the size of the gradient", sgd(by_sign, zeros), False,
            "It moves all parameters by lr, whatever the size of the gradient. Does your test look where exactly one is?"),
        ("that moves only the first parameter", sgd(first_only, zeros), False,
            "It moves only the first parameter. Does your test have two, and look at both?"),
        ("that makes new parameters", replacing, False,
            "New tensors go into the list, and the model's stay as they are. Does your test look at its own tensors, rather than into the list?"),
        ("that moves by the gradient of the step before", late, False,
            "It moves before it computes the gradient, so that the first step does nothing. Does your test ask where a parameter is after one step?"),
        ("that never clears gradients", sgd(down), False,
            "The gradients of all steps add up. One step can't show it: does your test take two, and ask where a parameter is after the second?"),
        ("that clears the gradient of the first parameter only", sgd(down, lambda ps: zeros(ps[:1])), False,
            "Only the first parameter's gradient is cleared. Does your test take two steps, and look at both parameters after the second?"),
        ("that clears the gradient of the last parameter only", sgd(down, lambda ps: zeros(ps[1:])), False,
            "Only the last parameter's gradient is cleared. Does your test take two steps, and look at both parameters after the second?"),
    ], "chapter 03, '`calc_grad`, and gradients that add up' and '`train_epoch`'")

# Case 8: a logarithm

def check_mended_bce(mended_bce):
    "Cross-entropy of one column, right for scores of any size"
    right = lambda p,y: F.binary_cross_entropy_with_logits(p, y.float())
    def trial(score, y):
        preds,yb = torch.tensor([[score]]),torch.tensor([[y]])
        show = f"preds = tensor([[{score}]]), yb = tensor([[{y}]])"
        return Trial(lambda f: value_and_gradient(f, preds, yb), value_and_gradient(right, preds, yb), show)
    trials = [trial(2., 1), trial(-30., 1), trial(30., 0), *loss_trials(right),
        *[trial(o, y) for o in (200.,-200.) for y in (1,0)], trial(1000., 0), trial(-1000., 0)]
    def log_probs(p, y, probs=torch.sigmoid, log=torch.log): return -(y*log(probs(p)) + (1-y)*log(1-probs(p))).mean()
    tiny = [10.**-i for i in range(3, 39)] + [torch.finfo(torch.float32).eps]
    away = [lambda p,y,e=e: log_probs(p, y, lambda o: o.sigmoid().clamp(e, 1-e)) for e in tiny]
    away += [lambda p,y,e=e: log_probs(p, y, lambda o: torch.where(o.sigmoid()==0, e, torch.where(o.sigmoid()==1, 1-e, o.sigmoid()))) for e in tiny]
    away += [lambda p,y,e=e: log_probs(p, y, log=lambda o: o.clamp(min=e).log()) for e in tiny]
    away += [lambda p,y,e=e: log_probs(p, y, log=lambda o: (o+e).log()) for e in tiny]
    cut = [lambda p,y,s=s: right(p.clamp(-s, s), y) for s in (10,15,16,20,30,50,80,88,100)]
    cut += [lambda p,y,s=s: log_probs(p.clamp(-s, s), y) for s in (5,6,8,10,15,16)]
    judge('mended_bce', mended_bce, trials, [
        ("A probability still runs to exactly 0 or 1 before the logarithm is taken. Take the logarithm of the sigmoid in one go, from the score.",
            log_probs),
        ("A probability still runs to exactly 0 or 1 before the logarithm is taken: torch.where doesn't help, since the score is lost by then.",
            lambda p,y: -torch.where(y==1, p.sigmoid().log(), (1-p.sigmoid()).log()).mean()),
        ("A probability still runs to exactly 0 or 1 before the logarithm is taken: torch.where doesn't help, since the score is lost by then.",
            lambda p,y: -torch.where(y==1, p.sigmoid(), 1-p.sigmoid()).log().mean()),
        *[("Probabilities are kept away from 0, by a clamp or by a small number, added or put in its place: no nan, but a sure mistake "
            "costs too little, and has no gradient, so it is never unlearned.", f) for f in away],
        ("The logarithm of a sigmoid that has run to 0 is infinite, and 0 times infinity is nan. logsigmoid takes both in one go.",
            lambda p,y: -(y*p.sigmoid().log()+(1-y)*(-p).sigmoid().log()).mean()),
        *[("Scores are cut off before the sigmoid: beyond that, a mistake costs no more, and has no gradient.", f) for f in cut],
        ("nan and infinity are covered up by other numbers; the true cost is lost.", lambda p,y: log_probs(p, y).nan_to_num()),
        *[("The loss is cut off; the true cost is lost, and its gradient is nan still.",
            lambda p,y,m=m: log_probs(p, y).clamp(max=m)) for m in (10,50,100,1000)],
        ("nan and infinity are covered up by other numbers; the true cost is lost.", lambda p,y: log_probs(p, y, log=lambda o: o.log().nan_to_num())),
        ("More digits only move the place where it breaks: in 64 bits, 1 less a sigmoid is 0 from a score of 37 on.",
            lambda p,y: log_probs(p.double(), y).float()),
        ("More digits only move the place where it breaks: in 64 bits, 1 less a sigmoid is 0 from a score of 37 on.",
            lambda p,y: log_probs(p.double(), y)),
        ("It hands PyTorch probabilities, and the score is lost by then: for a sure mistake, the gradient is wrong. Another one takes raw scores.",
            lambda p,y: F.binary_cross_entropy(p.sigmoid(), y.float())),
        ("The exponential of a large score is infinite: log(1+exp(score)) breaks above 88.", lambda p,y: ((1+p.exp()).log()-y*p).mean()),
        ("The exponential of a large score is infinite: log(1+exp(score)) breaks above 88.", lambda p,y: (1+((1-2*y)*p).exp()).log().mean()),
        (RAISES["output type Long"], lambda p,y: F.binary_cross_entropy_with_logits(p, y)),
        ("Scores and labels differ in shape: (n,) and (n,1).", lambda p,y: right(p[:,0], y)),
        ("Scores and labels differ in shape: (n,1) and (n,).", lambda p,y: right(p, y[:,0])),
        ("Scores (n,1) meet labels (n,), and broadcasting takes the mean over all pairs.", lambda p,y: F.softplus((1-2*y[:,0])*p).mean()),
        ("The sigmoid is applied twice: what takes raw scores has it inside.", lambda p,y: right(p.sigmoid(), y)),
        ("It adds up where it should take the mean.", lambda p,y: right(p, y)*len(y)), ("Its sign is wrong.", lambda p,y: -right(p, y)),
        ("It returns a loss for each image: take the mean.", lambda p,y: F.binary_cross_entropy_with_logits(p, y.float(), reduction='none')),
        ("The labels are exchanged: it costs most to be right.", lambda p,y: right(-p, y)),
        ("Only the 3s cost something: the term for label 0 is missing.", lambda p,y: -(y*F.logsigmoid(p)).mean()),
        ("This is the mean distance, `mnist_loss`: a cross-entropy was asked for.", mnist_loss),
    ], "chapter 06, 'Why cross-entropy stood still' and 'A sure mistake'")

# Case 9: a whole set-up

def check_mended_setup(mended_setup):
    "Arguments in which `check_setup` finds nothing wrong, and which are still what was asked for"
    from fastai.data.load import DataLoader as _ # what the learner's loaders may need, loaded before the time runs
    from ..loss_functions import sample_xy
    from ..checkup import check_setup,split
    names,kw = ['dls','model','loss_func','metrics','lr','opt_func'],{}
    def arguments(f):
        v = f()
        if v is None: return "None", f"a dict with {', '.join(names)}", NOTHING
        if not isinstance(v, dict) or set(v)!=set(names):
            return f"a dict with {', '.join(map(str, v))}" if isinstance(v, dict) else a_type(v), \
                f"a dict with {', '.join(names)}", "Return the six arguments of check_setup, all of them and no others, as setup_9 does."
        kw.update(v)
    def checked(_):
        report = check_setup(**kw)
        found = f"check_setup finds {len(report.wrong)} fault{'s'*(len(report.wrong)>1)}, first"
        for verdict,why in (('wrong',found),('not checked',"check_setup can't look at"),('crashed',"it can't ask")):
            for o in report.rows:
                if o.verdict==verdict and (o.check,verdict)!=('start','not checked'):
                    return f"a set-up in which {why} '{o.group}: {o.check}'", "one in order", o.text
    def as_asked(_):
        model,parts = kw['model'],[tuple(map(torch.cat, zip(*o))) for o in split(kw['dls'])]
        x = sample_xy('test')[0]
        stock,used = [{r.tobytes() for r in o.numpy()} for o in (x,torch.cat([o[0].view(-1, 784) for o in parts]))]
        sizes = [len(o[0]) for o in parts]
        if not used <= stock: return "images that aren't in x37", "those of x37", "The images are other ones, or have been changed."
        if used!=stock or sizes!=[1500,538]: return f"{sizes[0]} training and {sizes[1]} validation images, {len(used)} different ones", \
            "1500 and 538, all of x37", "Some images are left out, or taken twice."
        for name,(_,y) in zip(('training','validation'), parts):
            if not 0.4 < y.float().mean() < 0.6: return f"{y.float().mean():.0%} of 3s among the {name} images", "about half", \
                f"The {name} part is one-sided: sorted images were cut in two. Mix before you cut."
        if model(x[:5]).shape!=(5,1): return f"a model that makes {tuple(model(x[:5]).shape)} of five images", "(5,1), a score for each", \
            "The model isn't the one that was asked for."
    def trained(_):
        (dl,valid_dl),model = split(kw['dls']),kw['model']
        opt = kw['opt_func'](list(model.parameters()), lr=kw['lr'])
        for _ in range(3):
            for xb,yb in dl:
                kw['loss_func'](model(xb), yb).backward()
                opt.step()
                opt.zero_grad()
        metric,(x,y) = kw['metrics'] if callable(kw['metrics']) else kw['metrics'][0],map(torch.cat, zip(*valid_dl))
        acc = number(metric(model(x), y))
        if acc<0.95: return f"an accuracy of {acc:.3f} after three epochs", "0.95 or more", \
            "It learns, but slowly: is the learning rate low, or the batch very large?"
    trials = [Trial(o, "a set-up", "mended_setup()", limit=2.5) for o in (arguments,checked,as_asked,trained)]
    look_at('mended_setup', mended_setup, trials, "chapter 10, 'Two patients'; check_setup's table says more")
