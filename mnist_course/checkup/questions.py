"Questions with known answers for any loss and for any accuracy, whatever is inside of it"
# Each is a function of a loss or metric, and of predictions and targets, which only show the form: raw scores or
# probabilities, (n,k), (n,1) or (n,), and labels as the function takes them. It returns a sentence that says what is
# wrong, or None. Ask an exercise only what its right answer passes; `ask` passes over what raises an error.
import math
import torch
from .probes import Probe,as_classes,hint,number
from .report import Fault

LITTLE,SURE = 0.2,10.     # Scores that are right by little, and by much
MARGIN = 2.               # Scores at which losses are compared
FAR,FARTHER = 20.,40.     # Where a loss of right scores has come to its end, and beyond
EXTREME = 1000.           # Where a probability is 0 and an exponential infinite, in floats
SHIFT = 3.                # Is added to all scores of a row
STEP = 1e-2               # The step of a difference
SLACK = 0.05              # By which a gradient may miss the slope, as a share of it
COUNT = 6e-3              # By which an accuracy may miss the count: some round
EQUAL = 1e-3              # What counts as the same cost, as a share of it

def ask(questions, f, preds, targets):
    "The first sentence that one of these questions has, or None; a question on which `f` raises is passed over"
    for question in questions:
        try: text = question(f, preds, targets)
        except Exception: continue
        if text: return text

def close(a, b, share=EQUAL): return abs(a-b) <= share*max(abs(a), abs(b))+1e-6 or a==b or a!=a and b!=b

def seeded(f, preds, y, seed=0):
    "What `f` says if random numbers are drawn from `seed`"
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return number(f, preds, y)

def table(f, p, margin, n):
    "What `f` says to `n` answers of one class (rows) if all labels are another (columns)"
    def cell(d, c): return number(f, p.answer([d]*n, margin), p.targets([c]*n))
    return torch.tensor([[cell(d, c) for c in p.classes] for d in p.classes])

def other_than(k, n):
    "A number of rows that isn't the number of columns"
    return n+1 if k==n else n


# Of both

def one_number(f, preds, targets):
    "Is it one number?"
    try: number(f, *Probe(preds, targets).batch(31))
    except Fault as e: return str(e)

def remembers(f, preds, targets):
    "Does it say the same again, after it has seen other batches?"
    p = Probe(preds, targets)
    first = p.batch(31)
    sure = p.answer(p.classes, SURE)
    right,wrong = (sure,p.targets(p.classes)),(sure,p.targets(p.classes[::-1]))
    said = [seeded(f, *batch) for batch in (first,right,wrong,first)]
    if not close(said[0], said[-1]):
        return (f"It says {said[0]:.3g} to a batch, and {said[-1]:.3g} to the same batch after two others: it "
            "remembers them. Its sums must start anew for each batch, or each epoch.")

def draws(f, preds, targets):
    "Does it say the same twice, whatever the state of the random numbers?"
    batch = Probe(preds, targets).batch(31)
    one,two = (seeded(f, *batch, seed) for seed in (0,1))
    if not close(one, two): return f"It draws at random: it says {one:.3g} and {two:.3g} to the same batch."

def doubled(f, preds, targets):
    "Does the same batch twice give the same?"
    p,y = Probe(preds, targets).batch(24)
    one,two = seeded(f, p, y),seeded(f, torch.cat([p,p]), torch.cat([y,y]))
    if close(one, two): return
    times = two/one if one else math.inf
    if times>1.5: why = "it grows with the batch. Is it a sum, or divided by a fixed number?"
    elif 0<times<0.75: why = "it is divided by the number of items twice."
    else: why = "it should be a mean over the items."
    return f"The same batch twice gives {times:.2g} times as much: {why} Divide by the number of items, once."

def permuted(f, preds, targets):
    "Do rows in another order give the same?"
    p,y = Probe(preds, targets).batch(24)
    i = torch.randperm(24, generator=torch.Generator().manual_seed(0))
    one,two = number(f, p, y),number(f, p[i], y[i])
    if not close(one, two):
        return (f"It says {one:.3g}, and {two:.3g} to the same rows in another order: each row should count alike, "
            "wherever it is.")

def apart(f, preds, targets):
    "Is what it says to all rows at once between what it says to each alone? (Means are, weighted ones as well.)"
    p,y = Probe(preds, targets).batch(8)
    try: alone = [number(f, p[i:i+1], y[i:i+1]) for i in range(8)]
    except Exception: return # `single_row` says so
    together = number(f, p, y)
    if not all(map(math.isfinite, (*alone,together))): return
    slack = EQUAL*(max(alone)-min(alone))+1e-5
    if not min(alone)-slack <= together <= max(alone)+slack:
        return (f"It says {together:.3g} to eight rows at once, but from {min(alone):.3g} to {max(alone):.3g} to each "
            "alone: each row should count for itself, whatever the others are.")

def single_row(f, preds, targets):
    "Does it take a batch of one?"
    p,y = Probe(preds, targets).batch(1)
    try: number(f, p, y)
    except Fault: return
    except Exception as e:
        return (f"On a batch with a single row it raises {hint(e)}. A squeeze() without its dimension takes all of "
            "size 1 away.")


# Of losses

def loss_table(f, p, margin=MARGIN, n=5): return table(f, p, margin, other_than(p.n_out, n))

def right_cost(f, p, margin):
    "What right answers cost, by how sure they are"
    n = other_than(p.n_out, 5)
    costs = [number(f, p.answer([c]*n, margin), p.targets([c]*n)) for c in p.classes]
    return sum(costs)/len(costs)

def grad_of(f, preds, y):
    "Gradient of a loss with respect to predictions, or None if there is none"
    preds = preds.detach().clone().requires_grad_()
    loss = f(preds.clone(), y.clone())
    if not isinstance(loss, torch.Tensor) or not loss.requires_grad: return None
    return torch.autograd.grad(loss.sum(), preds, allow_unused=True)[0]

def skewed(p, n=24):
    "A random batch with more labels of one class, since with as many of each, broadcasting could cancel everything"
    preds,cs = p.random(n)
    cs[:9] = p.classes[0]
    return preds,cs

def wants(f, p):
    "The function after which a loss would take the model's scores, or None"
    if p.kind!='scores': return
    preds,cs = p.random(8)
    for kind in ('sigmoid','softmax') if p.n_out>1 else ('sigmoid',):
        try: fits = math.isfinite(number(f, p.like(preds, kind), p.targets(cs)))
        except Exception: continue
        return kind if fits else None

def along_rows(f, preds, targets):
    "Does it matter to raise all scores of one class? It doesn't after a softmax that goes down the columns."
    p = Probe(preds, targets)
    if p.n_out==1 or p.kind not in ('scores','log_softmax'): return
    preds,y = p.batch(24)
    leaning = preds + torch.arange(p.n_out).to(preds)*SHIFT
    cost,of_leaning,of_others = (number(f, o, y) for o in (preds,leaning,preds.roll(1, 0)*SHIFT))
    if close(cost, of_leaning, 1e-5) and not close(cost, of_others, 1e-4):
        return ("It stays the same when all scores of a class rise, though every row then leans to that class: what "
            "it does to scores, such as a softmax, goes down the columns. Each row must add up to 1: dim=1.")

def pairs_up(f, preds, targets):
    "Do right answers cost the same among mixed labels as among equal ones? They don't where all is compared with all."
    p = Probe(preds, targets)
    mixed = p.classes*3
    L = table(f, p, MARGIN, len(mixed))
    right,cost = L.diag().mean().item(),number(f, p.answer(mixed, MARGIN), p.targets(mixed))
    if not L.isfinite().all() or abs(cost-right) <= 0.1*abs(L.mean().item()-right)+1e-4*abs(right)+1e-6: return
    text = f"Right answers cost {right:.2f} among equal labels, but {cost:.2f} among mixed ones: "
    if p.preds.shape==p.y.shape or p.n_out>1: return text + "what it says of a row depends on the other rows."
    return text + (f"predictions {tuple(p.preds.shape)} meet labels {tuple(p.y.shape)}, and broadcasting compares "
        "all with all. Give both one shape.")

def same_for_labels(f, p, targets):
    "A sentence if a loss can't tell labels apart"
    T = torch.cat([loss_table(f, p, m) for m in (0.5,MARGIN)])
    flat = ((T-T[:1]).abs().amax(0) < 1e-7) | T.isnan().all(0)
    seen = set(as_classes(targets).tolist()) if as_classes(targets) is not None else set(p.classes)
    here = [i for i,c in enumerate(p.classes) if c in seen]
    if all(flat[i] for i in here) or flat.all():
        return None if T.isnan().any() else "It costs the same whatever the predictions and the labels are."
    same = 1e-5*T.nan_to_num().abs().max()+1e-7
    alike = [(i,j) for i in here for j in here if i<j and (T[:,i]-T[:,j]).abs().max() < same]
    if len(here)>1 and len(alike)==len(here)*(len(here)-1)/2: return "It costs the same whatever the labels are."
    for i in here:
        if flat[i]:
            return (f"Label {p.classes[i]} is ignored: it costs the same whatever the answer. Is there a term, or a "
                "weight, for each label, and no ignore_index?")
    for i,j in alike:
        return (f"Labels {p.classes[i]} and {p.classes[j]} cost the same whatever is predicted, so they can't be "
            "told apart: does it only ask whether a label is 1, as for two classes?")

def says_no(f, p):
    "A sentence if with many columns it is cheapest to say no in all of them"
    if p.n_out<3 or p.kind not in ('scores','sigmoid'): return
    y = p.targets(p.classes)
    n,fair = len(p.classes),-math.log(p.n_out-1)
    none,lower,even = (number(f, p.level(n, o), y) for o in (-FAR,-FARTHER,fair))
    if close(none, lower) and 0 <= none < 0.8*even:
        return (f"To say no in every column costs {none:.2f}, less than to give each class its share, {even:.2f}: "
            f"{p.n_out-1} of {p.n_out} columns want a no, and it counts them like the yes. This loss is for one "
            "column. Use cross_entropy.")

def wants_number(f, p):
    "Is it content if all scores of a row are the label's number?"
    if p.n_out==1 or p.kind!='scores': return False
    return all(abs(number(f, p.level(5, c), p.targets([c]*5))) < 1e-6 for c in p.classes[:3])

def direction(f, preds, targets):
    "Do right answers cost less than wrong ones?"
    p = Probe(preds, targets)
    L,cs = loss_table(f, p),p.classes
    if text := same_for_labels(f, p, targets): return text
    if L.isnan().any(): return
    own = torch.eye(len(cs)).bool()
    right,wrong = L.diag(),L[~own].mean()
    least,most = L.masked_fill(own, math.inf).amin(0),L.masked_fill(own, -math.inf).amax(0)
    if (right < least+1e-6).all() and right.mean() < wrong-1e-6: return says_no(f, p)
    if (right > most+1e-6).all():
        column = ', or it picks the other column' if len(cs)==2 else ''
        return (f"It falls as the answers get worse: right ones cost {right.mean():.2f}, wrong ones {wrong:.2f}. The "
            f"sign is wrong{column}.")
    if wants_number(f, p):
        return ("It is least where all scores of a row are the label's number, as if classes were distances: "
            "compare each column with its cell of the one-hot label.")
    if (L.argmin(0)!=torch.arange(len(cs))).all():
        return f"For label {cs[0]}, the answer {cs[L[:,0].argmin()]} is the cheapest: it picks the wrong column."
    return f"Right answers don't always cost less than wrong ones: {right.mean():.2f} and {wrong:.2f} on average."

def learnable(f, preds, targets):
    "Has it a gradient?"
    p = Probe(preds, targets)
    preds,cs = skewed(p)
    g = grad_of(f, preds, p.targets(cs))
    if g is None:
        return ("It has no gradient, so nothing can be learned from it: it counts or compares, or calls .item(), "
            ".detach() or .data on the way. Use a smooth loss.")
    if not g.any():
        return "Its gradient is 0, so nothing can be learned from it: it rounds or counts. Use a smooth loss."

def slope(f, preds, targets):
    "Is its gradient the slope of its values?"
    p = Probe(preds, targets)
    preds,cs = skewed(p)
    y,g = p.targets(cs),grad_of(f, preds, p.targets(cs))
    d = torch.randn(preds.shape, generator=torch.Generator().manual_seed(2)).to(preds)
    if p.kind!='scores': d = -preds*torch.rand(preds.shape, generator=torch.Generator().manual_seed(2)).to(preds)
    before,at,after = (seeded(f, preds+o*STEP*d, y) for o in (-1,0,1))
    left,right,said = (at-before)/STEP,(after-at)/STEP,math.nan if g is None else (g*d).sum().item()
    if g is None or not all(map(math.isfinite, (before,at,after,said))): return
    slack = SLACK*max(abs(left), abs(right), abs(said)) + 2e-6*(1+abs(at))/STEP
    if not min(left, right)-slack <= said <= max(left, right)+slack:
        return (f"Its gradient isn't the slope of its values: along a way on which it goes by {(left+right)/2:.3g}, "
            f"the gradient says {said:.3g}. Is a part of it detached, made anew, or rounded?")

def finite(f, preds, targets):
    "Are it and its gradient finite for extreme scores?"
    p = Probe(preds, targets)
    for given,true in [(p.classes[i],p.classes[j]) for i in (0,-1) for j in (0,-1)]:
        scores,y = p.answer([given]*3, EXTREME),p.targets([true]*3)
        cost,g = number(f, scores, y),grad_of(f, scores, y)
        if math.isfinite(cost) and (g is None or g.isfinite().all()): continue
        below = scores-scores.max() if p.kind=='scores' else scores
        over = math.isfinite(number(f, below, y)) and p.kind=='scores'
        why = "since a probability underflows to 0 before its logarithm is taken"
        if over: why = f"since exp({EXTREME:.0f}) is infinite"
        return (f"At scores of ±{EXTREME:.0f} {'its gradient' if math.isfinite(cost) else 'it'} isn't finite, {why}. "
            "Use cross_entropy, or binary_cross_entropy_with_logits, on raw scores.")

def squashed_twice(p):
    "What perfect scores cost in usual losses after a second softmax or sigmoid"
    k,sp = p.n_out,lambda x: math.log1p(math.exp(x))
    if k==1: return [(sp(-1)+sp(0))/2,(1-math.exp(-sp(-1))+0.5)/2,((1-math.exp(-sp(-1)))**2+0.25)/2]
    return [math.log(math.e+k-1)-1,1-math.e/(math.e+k-1),(sp(-1)+(k-1)*sp(0))/k]

def takes_log(f, p):
    "Does it take the logarithm of a probability?"
    def cost(q):
        scores = torch.full((5,p.n_out), (1-q)/max(p.n_out-1, 1))
        scores[:,-1 if p.n_out>1 else 0] = q
        return number(f, scores.to(p.preds).view(-1, *p.preds.shape[1:]), p.targets([p.n_out-1 if p.n_out>1 else 1]*5))
    try: once,again = cost(1e-3),cost(1e-6)
    except Exception: return False
    return abs(abs(again-once)-math.log(1e3)) < 0.1*math.log(1e3) or abs(abs(again-once)-math.log(1e3)/p.n_out) < 0.1

def activation(f, preds, targets):
    "Is there one sigmoid or softmax between scores and loss, where one is needed?"
    p = Probe(preds, targets)
    squash = 'sigmoid' if p.n_out==1 else 'softmax'
    if p.kind=='scores' and loss_table(f, p).isnan().any():
        if not takes_log(f, p): return f"It is nan for raw scores: does it want probabilities, by a {squash}?"
        return f"It takes the logarithm of raw scores, nan for negative ones: {squash} is missing."
    undecided,sure,surer = (right_cost(f, p, m) for m in (0,FAR,FARTHER))
    if surer < sure-0.5:
        return (f"It falls without end as scores grow, {sure:.3g} for right ones of ±{FAR:.0f} and {surer:.3g} for "
            f"±{FARTHER:.0f}: {squash} is missing.")
    if p.kind!='scores' and surer < -0.1:
        return f"Perfect predictions cost {surer:.2f}: a logarithm is missing. NLLLoss goes after log_softmax."
    if not (surer > 0.3*undecided and abs(surer-sure)<EQUAL): return
    if p.kind!='scores': return after_squash(f, p, surer, undecided)
    if any(abs(surer-o)<5*EQUAL for o in squashed_twice(p)):
        return f"Even perfect scores cost {surer:.2f}: {squash} is applied twice. Hand it raw scores."
    return (f"Even perfect scores cost {surer:.2f}, where undecided ones cost {undecided:.2f}: something in it keeps "
        "good scores from counting.")

def after_squash(f, p, cost, undecided):
    "A sentence on a loss to which perfect probabilities cost so much"
    if not followed_by_another(f, p, cost):
        return (f"Even perfect predictions cost {cost:.2f}, where undecided ones cost {undecided:.2f}: what does it "
            f"expect of the model's {p.kind}?")
    q,y = p.batch(8)
    # Only a softmax doesn't mind a shift of each row
    its = 'softmax' if p.n_out>1 and close(number(f, q, y), number(f, q+SHIFT, y)) else 'sigmoid'
    what = f"the model's {p.kind} is followed by {'another one' if its==p.kind else 'a '+its} in the loss"
    return f"Even perfect predictions cost {cost:.2f}: {what}. Let the model return raw scores."

def followed_by_another(f, p, cost):
    "Would raw scores have suited the loss better than what the model makes of them?"
    n = other_than(p.n_out, 5)
    def raw(c): return number(f, p.like(p.scores([c]*n, FAR), 'scores'), p.targets([c]*n))
    try: return 0 <= sum(map(raw, p.classes))/len(p.classes) < 0.1*cost
    except Exception: return False

LOSS_QUESTIONS = [one_number, remembers, draws, along_rows, pairs_up, learnable, direction, activation, slope, finite,
    doubled, permuted, apart, single_row]


# Of accuracies

def metric_table(f, p, margin, shift=0):
    "What `f` says to eight answers of one class (rows) if all labels are another (columns), with all scores shifted"
    return table(lambda preds,y: f(preds+shift, y), p, margin, other_than(p.n_out, 8))

def in_range(f, preds, targets):
    "Is it from 0 to 1?"
    p,y = Probe(preds, targets).batch(31)
    v = number(f, p, y)
    if 0<=v<=1: return
    text = f"It says {v:.4g} to random predictions, and an accuracy must be from 0 to 1."
    if not math.isfinite(v): return text
    if close(number(f, torch.cat([p,p]), torch.cat([y,y])), 2*v): return f"{text} It grows with the batch, as a count."
    probe = Probe(preds, targets)
    best = number(f, probe.answer(probe.classes, SURE), probe.targets(probe.classes))
    return f"{text} It is in percent: right answers get 100." if close(best, 100) else text

def column(f, preds, targets):
    "Do perfect predictions score 1 and wrong ones 0, and not the other way round?"
    p = Probe(preds, targets)
    M,eye = metric_table(f, p, SURE),torch.eye(len(p.classes))
    if torch.equal(M, 1-eye):
        return ("Perfect predictions score 0 and wrong ones 1: it reads the wrong column, or its comparison is "
            "reversed.")
    if not M.diag().any() and (M==1).any():
        return (f"For label {p.classes[0]}, the answer {p.classes[M[:,0].argmax()]} counts as right: it reads the "
            "wrong column.")

def blind(M, two):
    "A sentence on a metric whose table is `M`, if it takes no notice of the predictions"
    if not M.any():
        return "No answer is ever right: a threshold or an argmax is missing, and numbers are compared with labels."
    if not (M==M[:1]).all(): return
    if (M==M[0,0]).all(): return f"It says {M[0,0]:.3g} whatever the predictions and the labels are."
    if not two: return "It says the same whatever the predictions are: the argmax is missing."
    return ("It says the same whatever the predictions are: the argmax of a single column is always 0, and every "
        "probability is above a threshold of 0.")

def threshold(f, preds, targets, at=0):
    "Is right by little right, and does only the largest score of a row count? (The threshold is `at` 0, mostly.)"
    p = Probe(preds, targets)
    M,eye,cs = metric_table(f, p, SURE),torch.eye(len(p.classes)),p.classes
    if not torch.equal(M, eye): return blind(M, len(cs)==2)
    half = number(f, p.answer([cs[0],cs[1]]*6, SURE), p.targets([cs[0]]*12))
    if abs(half-0.5) > 1e-6:
        why = "is the argmax taken over the rows, dim=1?" if half else "does one wrong answer spoil the whole batch?"
        return f"Six right answers and six wrong ones score {half:.2f}: {why}"
    M = metric_table(f, p, LITTLE)
    if not torch.equal(M, eye):
        if p.n_out>1: why = "are scores rounded or cut before the argmax?"
        elif at: why = f"for least squares, the threshold is at {at:g}, halfway between the labels."
        elif p.kind=='sigmoid': why = "probabilities have their threshold at 0.5."
        else: why = "raw scores have their threshold at 0."
        return f"Predictions that are right by little score {M.diag().mean():.2f}: {why}"
    if p.kind!='scores' or p.n_out==1: return
    if not all(torch.equal(metric_table(f, p, MARGIN, o), eye) for o in (SHIFT,-SHIFT)):
        return "It changes when all scores of a row rise by the same, though only the largest counts: take the argmax."

def compares_own(f, preds, targets):
    "Are perfect predictions perfect among mixed labels, too?"
    p = Probe(preds, targets)
    if not torch.equal(metric_table(f, p, SURE), torch.eye(len(p.classes))): return
    v = number(f, p.answer(p.classes*3, SURE), p.targets(p.classes*3))
    if v < 1-1e-6:
        return (f"Perfect predictions score {v:.2f} as soon as labels are mixed: answers and labels "
            f"{tuple(p.y.shape)} differ in shape, so (n,n) pairs are compared. Give both one shape.")

def counts(f, preds, targets):
    "Does it count the right answers, and divide by the number of all?"
    p = Probe(preds, targets)
    a,b = p.classes[:2]
    one,two = (number(f, p.answer([a]*n, SURE), p.targets([a]*n)) for n in (8,16))
    if not close(one, two):
        return (f"Twice as many right answers score {two:.2g} in place of {one:.2g}: is it divided by a fixed "
            "number, and not by that of the items?")
    M,eye = metric_table(f, p, SURE),torch.eye(len(p.classes))
    right,wrong = M.diag().mean().item(),M[eye==0].mean().item()
    if p.n_out>2 and right==1 and close(wrong, 1-2/p.n_out):
        return f"Wrong answers score {wrong:.2f}: it counts the cells that agree with one-hot labels. Take the argmax."
    if not torch.equal(M, eye):
        return (f"Perfect predictions score {right:.2f} and wrong ones {wrong:.2f}: does it "
            "count all classes, only right ones, and divide by their number?")
    half = number(f, p.answer([a]*24, SURE), p.targets([a]*12+[b]*12))
    if abs(half-0.5) > COUNT:
        return (f"It says {half:.2f} where the first half is right and the second is wrong: does it look at some "
            "rows only?")
    preds,cs = p.random(999)
    v,count = number(f, preds, p.targets(cs)),(p.answers(preds)==cs).float().mean().item()
    if abs(v-count) > COUNT:
        return (f"It says {v:.3f} to random predictions, where counting the right answers gives {count:.3f}.")

METRIC_QUESTIONS = [one_number, in_range, remembers, draws, column, threshold, compares_own, counts, permuted, apart,
    single_row]
