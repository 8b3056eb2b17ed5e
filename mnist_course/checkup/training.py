"Questions about training: parameters, gradients, a few items learned by heart, and the steps of an optimizer"
import math
from dataclasses import dataclass
from functools import partial
import torch
from ..optimizer import BasicOptim
from .loss import ASKED,undecided
from .probes import cut_at_0,hint,plain
from .registry import check,go_on
from .report import Fault,NotChecked
from .restore import trial
from .setup import LOUD,TRAINED_ON,leaves_of

BY_HEART,SOON = 200,60            # Steps in which a few items are learned by heart, and after which it may stop
RATES = (1e-2,1e-1,1e-3)          # Adam's, one after the other
LEARNED,CLEARLY = 0.55,0.5        # Share of the undecided loss that is left
FEW = 16                          # Items learned by heart
SAME,NEARLY = 1e-3,0.2            # Deviations of weights that are the same, and of gradients that keep them so
NUDGE = 0.1                       # Noise by which parameters are moved off 0
FIRST,ITEMS = 6,32                # Steps that are looked at one by one, and the items in each
ADDED,MOSTLY = 0.05,0.75          # Share of an earlier gradient in a later one
ALL_ALIKE,OF_FIRST,EXPLAINED = 0.03,0.1,0.05 # By which shares of gradients may be less, differ, and leave something
UPHILL,ALONG,ASTRAY = 0.1,0.9,0.03 # Cosines of a step with the gradient, with the weights, and of one with neither
PAIRED = 0.9                      # Cosine of two steps on the same items, in other orders
FADED,LONG = 0.02,100             # Share of the first steps' size that is left, and after how many steps that is seen
STEADY = 1e-4                     # What is no change at all, as a share of the loss
SLOW = 0.025                      # Share of the loss in an epoch that is little
WHILE,TEN = 60,10                 # Steps that some models need to set off, and those that are looked at
LARGER,SMALLER = (30,1000),(0.1,0.01) # Rates that are tried instead, as multiples
RUN_ON,LOSS_ON = 512,128          # Items for steps, and for the loss
MOST_NUMBERS = 1_000_000          # Of more, only some are compared

TRAINS = ('data: scale','training: parameters','loss: value','loss: broadcast','loss: gradient','loss: direction',
    *ASKED)

def must_be_trainable(s):
    "Raise `Fault` if an optimizer could do nothing with the parameters"
    bad = [p for p in s.params or [] if not p.is_leaf]
    if bad:
        raise Fault(f"{s.param_name(bad[0])} is no leaf: it was computed from another tensor, so its grad stays "
            "None. Call requires_grad_() last, as in (torch.randn(size)*std).requires_grad_().")
    if any((~p.isfinite()).any() for p in s.params or []):
        raise Fault("Some weights are nan or infinite: make the model anew.")

def must_be_given(s):
    "Raise `Fault` if what the model computes with isn't among the parameters"
    given = {id(p) for p in (s.leaves if s.params is None else s.params)}
    lost = [o for o in s.leaves if id(o) not in given]
    if lost and not given:
        raise Fault("There are no parameters: a generator of them has run dry, or the layers are in a plain list, "
            "where an nn.Module doesn't find them. Pass list(model.parameters()), or use an nn.ModuleList.")
    if lost and not any(id(o) in given for o in leaves_of(s.preds)):
        raise Fault("The parameters are those of another model: nothing that this one computes with is among them.")
    if lost:
        raise Fault(f"The model computes with {s.param_name(lost[0])}, which isn't among the parameters, so it is "
            "never trained. Make it an nn.Parameter, put layers into an nn.ModuleList, or, without a module, add it "
            "to params.")

@check('training', 'parameters', always=True)
def parameters(s):
    if s.opt_func is not None and not callable(s.opt_func):
        what = 'an optimizer already' if hasattr(s.opt_func, 'step') else f'a {type(s.opt_func).__name__}'
        raise Fault(f"opt_func is {what}; it must be what makes one from parameters and lr, such as opt_func=SGD.")
    if s.preds is None: raise NotChecked("There are no predictions.")
    must_be_trainable(s)
    if not s.preds.requires_grad:
        raise Fault("Nothing in the predictions requires a gradient, so nothing can learn: is requires_grad_() "
            "missing, or is all computed under no_grad, or with .data or .detach()?")
    must_be_given(s)
    if (p := multiplies(s)) is not None:
        raise Fault(f"The bias, {s.param_name(p)}, multiplies: where it is 0, the model says the same to every "
            "input. Is there a * in place of the +?")
    return f"{len(s.leaves)} tensors with {sum(o.numel() for o in s.leaves):,} numbers."

def biases(s):
    "Parameters that are biases by their name, or, in a function, by their size: one for each output or hidden unit"
    if s.module: return [p for n,p in s.module.named_parameters() if n.split('.')[-1].startswith('b') and p.is_leaf]
    k,n_in = s.preds[0].numel(),s.x[0].numel()
    hidden = [p.shape[1] for p in s.leaves if p.dim()==2] if k>1 else []
    one_row = [p for p in s.leaves if p.numel()==max(p.shape or (1,))]
    return [p for p in one_row if p.numel() in (1,k,*hidden) and p.numel()!=n_in] if len(s.leaves)>1 else []

def multiplies(s):
    "A bias without which the model says the same to all inputs, or `None`"
    x,g = s.x[:FEW],torch.Generator().manual_seed(0)
    def says(): return plain(s.predict(x)).float()
    found = biases(s)
    if not found: return
    with trial(s), torch.no_grad():
        for p in s.leaves: p += NUDGE*torch.randn(p.shape, generator=g).to(p)
        s.mode(False)
        if says().std(0).max() < 1e-6: return
        for p in found:
            value = p.clone()
            p.zero_()
            alone = says().std(0).max()
            p.copy_(value)
            if alone==0: return p

def seeded_loss(s, x, y, seed=0):
    "The loss, as a tensor, with dropout from `seed`"
    torch.manual_seed(seed)
    return s.loss_func(s.model(x), y.clone())

@dataclass
class Learned:
    "What came of learning a few items by heart"
    loss:float
    touched:set  # The ids of the parameters that had a gradient

def deviation(rows):
    "How far the farthest of some rows is from their mean, as a share of its length"
    mean = rows.mean(0, keepdim=True)
    return (rows-mean).norm(dim=1).max()/mean.norm().clamp(min=1e-30)

def units_alike(p):
    "Are all rows, or all columns, of a weight matrix the same, and their gradients as well?"
    if p.dim()<2 or not p.any() or not p.grad.any(): return False
    w,g = p.detach().flatten(1),p.grad.flatten(1)
    def alike(w, g): return min(w.shape)>1 and deviation(w)<SAME and deviation(g)<NEARLY
    return bool(alike(w, g) or alike(w.t(), g.t()))

def by_heart(s):
    "Learn a few items by heart, once"
    if s.learned: return s.learned
    classes,touched,nothing = s.labels.unique(),set(),undecided(s)
    idx = torch.cat([(s.labels==c).nonzero()[:max(2, FEW//len(classes)),0] for c in classes])
    with trial(s) as put_back:
        for lr in RATES:
            put_back()
            opt = torch.optim.Adam(s.trainable, lr)
            for i in range(BY_HEART):
                loss = seeded_loss(s, s.x[idx], s.y[idx], i)
                opt.zero_grad()
                loss.backward()
                opt.step()
                touched |= {id(p) for p in s.trainable if p.grad is not None and p.grad.any()}
                if loss < CLEARLY*nothing and (i>=SOON or len(touched)==len(s.trainable)): break
            if loss < LEARNED*nothing: break
    s.learned = Learned(loss.item(), touched)
    return s.learned

def ends_in_relu(s):
    "Are the scores never negative, often exactly 0, and then cut off from all parameters, the last bias as well?"
    if s.probe.kind!='scores' or s.middle!=0 or not cut_at_0(torch.cat([plain(o).flatten() for o in s.outs])):
        return False
    if s.probe.n_out>1: # dead hidden units make all scores of a row 0
        return any(bool(((o==0).any(1) & (o>0).any(1)).any()) for o in s.outs)
    with trial(s):
        out = s.model(torch.cat([s.x[:ITEMS],-LOUD*s.x[:ITEMS]]))
        grads = torch.autograd.grad(out[out==0].sum(), s.trainable, allow_unused=True)
    return not any(g is not None and g.any() for g in grads)

@check('training', 'gradients', needs=TRAINS, rest=('loss: activation','loss: finite'))
def gradients(s):
    with trial(s):
        seeded_loss(s, s.x[:ITEMS], s.y[:ITEMS]).sum().backward()
        none = [p for p in s.trainable if p.grad is None]
        alike = [] if none else [p for p in s.trainable if units_alike(p)]
    if none:
        raise Fault(f"{s.param_name(none[0])} gets no gradient: the model doesn't use it, or cuts it off by "
            ".detach(), .data or no_grad.")
    go_on(s)
    if ends_in_relu(s): raise NotChecked("First mend 'training: overfit'.")
    dead = [p for p in s.trainable if id(p) not in by_heart(s).touched]
    if dead:
        raise Fault(f"The gradient of {s.param_name(dead[0])} is always 0: its units are dead, or what comes after "
            "ignores them. Look at the start values and at the last layers.")
    if alike:
        raise Fault(f"All units of {s.param_name(alike[0])} share one weight vector, and learn the same: they count "
            "as a single one. Start with random weights.")
    return "Every parameter gets a gradient."

def mixes(s):
    "Whether, in evaluation mode, what the model says of an item depends on chance or on the others, in words; or None"
    x = s.x[:48]
    n = len(x)//3
    whole,again = (plain(s.predict(x)[-n:]).float() for _ in range(2))
    alone = plain(s.predict(x.flip(0)[:n]).flip(0)).float()
    def differ(a, b): return (a-b).abs().max() > 1e-3*a.std()+1e-6
    if differ(whole, again):
        return ("Even in evaluation mode, the model says something else of the same items each time: F.dropout "
            "needs training=self.training, and noise has no place there.")
    if differ(whole, alone):
        return ("What the model says of an item depends on the others in its batch: is batch_first=True missing, or "
            "a softmax, a mean or a view taken along the batch?")

def on_a_line(s):
    "Do the scores of many classes all go up and down together, as if there were a single hidden unit?"
    if s.probe.n_out<3 or s.probe.kind!='scores': return False
    o = plain(s.outs[0]).float()
    spread = torch.linalg.svdvals(o-o.mean(0))
    return bool(spread[0]>0 and spread[1] < SAME*spread[0])

@check('training', 'overfit', needs=(*TRAINS,'loss: activation','loss: finite','training: gradients'))
def overfit(s):
    if ends_in_relu(s):
        raise Fault("The scores are never negative and often exactly 0: there is a ReLU after the last layer. Leave "
            "it out.")
    if s.module and (text := mixes(s)): raise Fault(text)
    loss,nothing = by_heart(s).loss,undecided(s)
    if not loss < LEARNED*nothing:
        why = "do its outputs depend on its inputs?"
        if on_a_line(s): why = ("the scores of an item all follow from a single number, as if there were one hidden "
            "unit. Have all units the same weights?")
        raise Fault(f"It can't even learn a few items by heart (loss {loss:.2f}, and {nothing:.2f} if it knew "
            f"nothing): {why}")
    return "It can learn a few items by heart."


# Steps

def tried(s, f, *args, **kwargs):
    "Call a part of a step; raises `Fault` with its error"
    try: return f(*args, **kwargs)
    except Exception as e: raise Fault(f"{'Your step' if s.step else 'The optimizer'} raises {hint(e)}") from None

def stepper(s, lr):
    "A training step on a batch: the set-up's own, or one with its optimizer, or with plain SGD"
    if s.step: return partial(tried, s, s.step)
    params = s.params or s.leaves
    if s.opt_func: opt = tried(s, s.opt_func, (p for p in params), lr=lr)
    else: opt = BasicOptim([p for p in params if p.is_leaf], lr=lr)
    def step(xb, yb):
        s.loss_func(s.model(xb), yb.clone()).backward()
        tried(s, opt.step)
        tried(s, opt.zero_grad)
    return step

def flat(ts, like):
    "Tensors as one vector, of which only some numbers are taken if there are very many"
    v = torch.cat([(torch.zeros_like(p) if t is None else t).detach().flatten() for t,p in zip(ts, like)])
    return v[::len(v)//MOST_NUMBERS+1]

def share_of(parts, whole):
    "By how much each of `parts` must be multiplied for their sum to come closest to `whole`"
    A = torch.stack(parts).double()
    return (torch.linalg.pinv(A@A.T, rtol=1e-6)@(A@whole.double())).tolist()

def cosine(a, b): return (a@b/(a.norm()*b.norm()).clamp(min=1e-30)).item()

@dataclass
class Steps:
    "The first steps: parameters before, between and after, gradients before each, and those left after each"
    at:list
    fresh:list
    left:list
    still:list # Parameters that haven't moved, though the last gradients weren't 0

    @property
    def moves(self): return [b-a for a,b in zip(self.at, self.at[1:])]

    @property
    def moved(self): return [bool(o.any()) for o in self.moves]

def batch_at(s, i, m):
    "The `i`th batch of `m` items of the sample, from the start again after its end"
    at = torch.arange(i*m, (i+1)*m)%len(s.x)
    return s.x[at],s.y[at]

def gradient_of(s, x, y):
    "The gradient of the loss on a batch, as a vector"
    grads = torch.autograd.grad(seeded_loss(s, x, y), s.trainable, allow_unused=True)
    return flat(grads, s.trainable)

def first_steps(s):
    "Make the first steps, once"
    if s.stepped: return s.stepped
    ps,m = s.trainable,min(ITEMS, max(1, len(s.x)//2))
    with trial(s):
        step,res = stepper(s, s.lr or 1e-3),Steps([flat(ps, ps)], [], [], [])
        start = [p.detach().clone() for p in ps]
        for i in range(FIRST):
            x,y = batch_at(s, i, m)
            grads = torch.autograd.grad(seeded_loss(s, x, y), ps, allow_unused=True)
            res.fresh.append(flat(grads, ps))
            torch.manual_seed(0)
            step(x, y)
            res.at.append(flat(ps, ps))
            res.left.append(flat([p.grad for p in ps], ps))
        res.still = [p for p,v,g in zip(ps, start, grads) if g is not None and g.any() and torch.equal(p, v)]
    s.stepped = res
    return res

def nothing_moves(steps):
    "A sentence if no step changes anything, or only the first does"
    if not any(steps.moved):
        why = (", though there are gradients: opt.step() is missing, the optimizer has another model's parameters, "
            "or new tensors are made where those of the model should change, under no_grad.")
        if not steps.left[1].any():
            why = (", and leaves no gradients: backward() or opt.step() is missing, or the gradients are zeroed "
                "before the step.")
        return f"A step changes no parameter{why}"
    if steps.moved[0] and not any(steps.moved[1:]) and steps.fresh[1].any():
        return ("The second step changes nothing: the optimizer keeps a generator of parameters, which has run dry. "
            "It needs list(params).")

def adds_up(steps):
    "A sentence if gradients of earlier steps are still there in later ones"
    if not (steps.moved[0] and steps.moved[1]): return # it may gather several batches for a step
    now,before = share_of([steps.fresh[1],steps.left[0]], steps.left[1])
    if before > ADDED and before > MOSTLY*abs(now):
        return ("After the second step, the gradients hold those of the first as well: they add up. Set them to "
            "zero after each step.")
    last,g = steps.moves[-1],steps.fresh[0]
    shares = share_of(steps.fresh, last)
    rate = (steps.moves[0]@g/(g@g).clamp(min=1e-30)).item()
    unexplained = (last-sum(a*o for a,o in zip(shares, steps.fresh))).norm()
    undiminished = all(a/(shares[-1] or 1) > 1-ALL_ALIKE for a in shares) # momentum lets earlier ones fade
    if undiminished and abs(shares[-1]-rate) < OF_FIRST*abs(rate) and unexplained < EXPLAINED*last.norm():
        return (f"The {FIRST}th step repeats all earlier ones: gradients add up in a place of your own. Set that to "
            "zero, or make it anew, in each step.")

@check('training', 'zero_grad', needs=(*TRAINS,'training: gradients'))
def zero_grad(s):
    if not s.step and not s.opt_func:
        raise NotChecked("Pass opt_func=, or step=, your own training step, to have it checked.")
    steps = first_steps(s)
    if text := nothing_moves(steps) or adds_up(steps): raise Fault(text)
    if steps.still and all(p.dim()<2 for p in steps.still): # whole layers may be left out on purpose
        raise Fault(f"{s.param_name(steps.still[0])} never moves, though it has a gradient: does the step leave out "
            "the biases?")
    return "Each step starts with fresh gradients."

def wrong_way(s):
    "A sentence if the first step that moves anything goes up the gradient, or along the weights"
    steps = first_steps(s)
    i = next((i for i,o in enumerate(steps.moved) if o), None)
    if i is None: return
    up,along = (cosine(steps.moves[i], o) for o in (steps.fresh[i],steps.at[i]))
    if up > UPHILL: return "The steps go uphill, however small they are: is there a + where the step needs a minus?"
    if abs(up) < UPHILL and abs(along) > ALONG:
        return "The steps go along the weights, not against their gradient: is p taken away where p.grad should be?"
    if abs(up) < ASTRAY: return "The steps have nothing to do with the gradient of the loss on their batch."

def after(s, batches, seed=0):
    "The parameters after steps of one's own on these batches"
    with trial(s):
        step = stepper(s, s.lr)
        for x,y in batches:
            torch.manual_seed(seed)
            step(x, y)
        return flat(s.trainable, s.trainable)

def batches_count(s):
    "A sentence if it makes no difference which batches come, or came before, or if items are paired anew"
    if not s.step or len(s.x) < 5*ITEMS or not all(first_steps(s).moved): return
    b = [batch_at(s, i, ITEMS) for i in range(5)]
    if torch.equal(after(s, [b[0],b[1],b[2]]), after(s, [b[0],b[3],b[4]])):
        return ("After the first step, it makes no difference which batches follow: the steps go on with the first "
            "batch. Compute with the xb and yb that the step is given.")
    if torch.equal(after(s, [b[0],b[2]]), after(s, [b[1],b[2]])):
        return ("After a step, it makes no difference which batches came before: each begins with fresh weights. Make "
            "the model once, outside of the step.")
    (x,y),start = b[0],after(s, [])
    one,other = after(s, [(x,y)])-start,after(s, [(x.flip(0),y.flip(0))])-start
    drawn = not torch.equal(one, after(s, [(x,y)], seed=1)-start) # a dropout, for instance
    if not drawn and cosine(one, other) < PAIRED:
        return ("The same items in another order give another step: it pairs labels with other images. Compute the "
            "loss with the xb and yb that come together.")

def fades(s):
    "A sentence if the steps have become tiny long before the end of the first epoch"
    n = int(min(LONG, s.n_batches/2))
    if not s.step or n <= 2*FIRST: return
    ps,sizes,m = s.trainable,[],min(TRAINED_ON, s.bs)
    def slope_at(i): return gradient_of(s, *batch_at(s, i, m)).norm().item()
    with trial(s):
        step,slope = stepper(s, s.lr),slope_at(0)
        for i in range(n):
            before = flat(ps, ps)
            step(*batch_at(s, i, m))
            sizes.append((flat(ps, ps)-before).norm().item())
        flatter = min(1, slope_at(0)/max(slope, 1e-30))
    left = max(sizes[-FIRST:])/max(*sizes[:FIRST], 1e-30)
    if left < FADED*flatter:
        return (f"The steps fade: after {n} of an epoch's {s.n_batches:.0f} batches, one is {left:.2g} of what the "
            "first were. Is a schedule that counts epochs stepped once a batch?")

@dataclass
class Fall:
    "A loss before and after some steps"
    before:float
    after:float

    @property
    def share(self):
        "What the steps take off, as a share"
        return (self.before-self.after)/max(abs(self.before), 1e-9)

    def __str__(self):
        digits = next((n for n in range(2, 6) if f'{self.before:.{n}f}'!=f'{self.after:.{n}f}'), 6)
        after = f"{self.after:.{digits}f}" if abs(self.after)<1e4 else f"{self.after:.3g}"
        return f"from {self.before:.{digits}f} to {after}"

def fall(s, lr, n=TEN):
    "What `n` steps with a rate do to the loss"
    x,y,m = s.x[:RUN_ON],s.y[:RUN_ON],min(s.bs, len(s.x[:RUN_ON]))
    def cost():
        with torch.no_grad(): return seeded_loss(s, x[:LOSS_ON], y[:LOSS_ON]).item()
    with trial(s):
        step,before = stepper(s, lr),cost()
        for i in range(n):
            at = torch.arange(i*m, (i+1)*m)%len(x)
            step(x[at], y[at])
        return Fall(before, cost())

def with_other_rates(s, factors):
    "What the loss does with multiples of the rate; nothing for a step of one's own"
    if s.step: return []
    try: return [fall(s, s.lr*o) for o in factors]
    except Fault: return []

def runs_away(s, ten):
    "Has the loss left the range in which it makes sense?"
    floor = min(ten.before, 0)-10*abs(undecided(s))-1
    return not math.isfinite(ten.after) or ten.after<floor or ten.after > max(2*ten.before, undecided(s))

def hardly_moves(s, ten, rate):
    "A sentence if the rate is too low: the loss hardly falls, also later, and with a larger one it does"
    little = 0 <= ten.share*max(1, s.n_batches/10) < SLOW
    if not little and abs(ten.share)>=STEADY: return
    if fall(s, s.lr, WHILE).share > max(0.03, TEN*ten.share): return
    faster = max((o.share for o in with_other_rates(s, LARGER)), default=0)
    seen = f"It hardly moves: ten steps with {rate} take {max(ten.share, 0):.2%} off the loss"
    if faster > max(TEN*ten.share, 0.003):
        return (f"{seen}, and with a larger one {faster:.0%}. learn.lr_find() helps to choose.")
    if s.step and abs(ten.share)<STEADY: return f"{seen}. Try a larger one."

def diverges(s, ten, rate):
    "A sentence if the rate is too high: the loss rises, and doesn't with a smaller one"
    if ten.share >= -STEADY and not runs_away(s, ten): return
    if runs_away(s, ten):
        return (f"It diverges: with {rate}, the loss goes {ten} in ten steps. Divide it by ten until the loss falls "
            "steadily.")
    smaller = with_other_rates(s, SMALLER)
    if s.step or any(o.share>STEADY for o in smaller):
        return f"With {rate}, the loss rises {ten} in ten steps. Divide it by ten until the loss falls steadily."

@check('training', 'learning rate', needs=(*TRAINS,'training: gradients','training: zero_grad'),
    rest=('loss: activation',))
def learning_rate(s):
    if s.lr is None and not s.step: raise NotChecked("Pass lr= to have it checked.")
    ten,rate = fall(s, s.lr),'your step' if s.lr is None else f'a learning rate of {s.lr:g}'
    if text := wrong_way(s) or batches_count(s): raise Fault(text)
    away = runs_away(s, ten)
    if away and ten.after<ten.before:
        raise Fault(f"It runs away: with {rate}, the loss falls {ten} in ten steps, as it has no floor: see "
            "'activation'.")
    if not away: go_on(s)
    if not away and (text := fades(s)): raise Fault(text)
    if not away and ten.before < CLEARLY*undecided(s):
        return (f"The loss is low already, {ten.before:.2f}, and stays low.")
    if text := hardly_moves(s, ten, rate) or diverges(s, ten, rate): raise Fault(text)
    return f"Ten steps with {rate} take {ten.share:.1%} off the loss."
