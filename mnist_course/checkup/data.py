"Questions about the data: batches, labels, whether they belong together, and the order and scale in which they come"
import math
from itertools import islice
import torch
from fastcore.foundation import L
from torch.overrides import TorchFunctionMode
from .probes import as_classes,hint,number,plain,some
from .reader import is_item,length
from .questions import FAR
from .registry import check
from .report import Fault,NotChecked
from .setup import NO_BATCHES

FEWEST = 60              # Items among which neighbours are compared
COLUMNS = 2000           # So many numbers of an item are compared at most
RELATED,SURELY = 4,8     # Standard deviations by which neighbours of one label beat chance, and beyond doubt
AGREES,TELLS = 0.4,0.7   # Share of what training items tell of each other that they tell of validation items
CLEAR = 6                # Standard deviations by which they tell less, to be sure of it
SHIFTS = (-3,-2,-1,1,2,3) # Places by which labels may have slipped
SMALLEST_IMAGE = 8       # Fewer pixels to a side are no image
REPEATS = 0.9            # Fewer different items, as a share, and the data repeat themselves
EXCHANGED = 2            # So many times as large as the training part, a validation part is suspicious
TEST_SETS = (10_000,2_038) # MNIST's own, of all digits and of 3s and 7s: larger than many a small training sample
SORTED = 0.2             # Share of the way from chance to all by which neighbours share labels where data are sorted
FEW_OF_ONE = 5           # Validation items of a label that no training item has
FEW_PER_LABEL = 20       # So many items a label, and those that aren't met don't exist
TOO_LARGE,TOO_SMALL = 10,0.01 # Of mean and standard deviation of inputs

@check('data', 'batches', always=True)
def batches(s):
    for name,r in (('training',s.train),('validation',s.valid)):
        if r is None:
            raise Fault("There is only one loader, and so nothing to validate on: pass DataLoaders(train_dl, "
                "valid_dl), or a pair of loaders.")
        if iter(r.dl) is r.dl:
            raise Fault(f"The {name} loader is a {type(r.dl).__name__}, which runs dry after one pass: make it a "
                "list, or a DataLoader.")
        first_batches(name, r)
    if s.trouble: raise Fault(s.trouble)
    last_batch(s)
    return "Pairs (xb,yb), for training and for validation, which can be read again and again."

def first_batches(name, r):
    "Raise `Fault` if a loader's first batches can't be read, or hold single items"
    try: bs = list(islice(r.stream(), 2))
    except Fault: raise
    except Exception as e:
        raise Fault(f"Reading the {name} loader raises {hint(e, 'Are all items tensors of one shape?')}") from None
    if not bs: raise Fault(NO_BATCHES.format(name))
    if len(bs)>1 and bs[0][0].shape==bs[1][0].shape and torch.equal(bs[0][0], bs[1][0]):
        raise Fault(f"Each batch of the {name} loader holds the same items: does it begin anew for each?")
    if name=='training' and len(bs)>1 and (is_item(*bs[0]) or len(bs[0][1])==1):
        raise Fault("Each step sees a single item, which makes it noisy and slow: put the items into a DataLoader, "
            "with a batch size such as 256.")

def last_batch(s):
    "Raise `Fault` if the last batch has a single item, and the model can't be trained on one"
    n = s.train.n or 0
    kept = (length(s.train.dl) or 0)*s.bs > n
    if s.preds is None or not n>s.bs>1 or n%s.bs!=1 or not kept: return
    s.mode(True)
    try: s.model(s.x[:1])
    except Exception as e:
        raise Fault(f"The last batch has a single item, with which the model raises {hint(e)}: give the training "
            "loader drop_last=True.") from None

@check('data', 'labels')
def labels(s):
    if s.misfit: raise Fault(s.misfit)
    if s.labels is None:
        if s.y.shape==s.x.shape: raise NotChecked("The targets are no labels: see 'pairing'.")
        raise Fault(f"The targets, {tuple(s.y.shape)}, are neither whole numbers nor one-hot.")
    if s.probe is None: raise NotChecked("There are no predictions.")
    k,lo,hi,met = s.probe.n_out,s.labels.min().item(),s.labels.max().item(),len(s.labels.unique())
    v = None if s.vy is None else as_classes(s.vy)
    if s.probe.signs and s.y[0].numel()==1 and not (k==1 and suits_signs(s)):
        raise Fault("The labels go from -1 to 1, which the model or the loss don't suit: make them 0 and 1.")
    if v is not None and 0<=lo and hi<max(k, 2) and not 0<=v.min()<=v.max()<max(k, 2):
        raise Fault(f"The validation labels go from {v.min()} to {v.max()}, and the training ones from {lo} to {hi}: "
            "number both alike.")
    if met==1: raise Fault(f"All of {len(s.labels)} labels are {lo}, so there is nothing to tell apart.")
    must_fit_outputs(s, k, lo, hi, met)
    unseen = [] if v is None else [c for c in v.unique().tolist() if c not in s.labels and (v==c).sum()>=FEW_OF_ONE]
    if unseen:
        raise Fault(f"Label {unseen[0]} was met in validation only: without it in training, it can't be learned.")
    return f"Labels from {lo} to {hi}, and {outputs(k)}."

def suits_signs(s):
    "Does the loss ask for a score below 0 where the label is -1, and not for ever less?"
    try: lost,right,far = (number(s.loss_func, s.probe.level(5, o), s.probe.targets([0]*5)) for o in (1,-1,-FAR))
    except Exception: return False
    return right<lost and far>=min(right, 0)

def outputs(k): return f"{k} output{'' if k==1 else 's'}"

def must_fit_outputs(s, k, lo, hi, met):
    "Raise `Fault` if `met` labels from `lo` to `hi` don't go with `k` outputs"
    if s.y.dim()==2 and s.y.shape[1] not in (1,k):
        raise Fault(f"The labels are one-hot for {s.y.shape[1]} classes, but the model has {outputs(k)}.")
    if k==1 and (lo<0 or hi>1):
        raise Fault(f"The labels go from {lo} to {hi}, but one output can only tell 0 from 1: give the model an "
            "output for each class, or make the labels 0 and 1.")
    if k>1 and (lo<0 or hi>=k):
        raise Fault(f"The labels go from {lo} to {hi}, but the model's {k} columns are numbered from 0 to {k-1}: "
            "renumber the labels, or add outputs.")
    if k>1 and met<=k/2 and len(s.labels)>=FEW_PER_LABEL*met:
        raise Fault(f"The model has {outputs(k)}, but only {met} labels were met among {len(s.labels)}: it needs one "
            "output for each class.")


# Do labels belong to their inputs?

def as_rows(x):
    "Inputs as rows of numbers, each pixel or column on its own scale in a second copy"
    x = plain(x).cpu().float().nan_to_num()
    x = x.flatten(1) if x.dim()>1 else x[:,None]
    if x.shape[1]>COLUMNS: x = x[:,some(x.shape[1], COLUMNS)]
    return x,(x-x.mean(0))/x.std(0).clamp(min=1e-6)

def nearest(x, y, v): return y[torch.cdist(v, x).argmin(1)]

def nearest_mean(x, y, v):
    "For each row of `v`, the class whose mean is nearest"
    classes = y.unique()
    means = torch.stack([x[y==c].mean(0) for c in classes])
    return classes[torch.cdist(v, means).argmin(1)]

def share(a, b): return (a==b).float().mean().item()

def chance_of(y, v):
    "How often labels drawn from both agree"
    return sum(share(y, c)*share(v, c) for c in y.unique())

def spread(chance, n): return math.sqrt(max(chance*(1-chance), 1e-9)/n)

def related(x, y):
    "How often the most similar item has the same label, how often by chance, and by how many deviations it's beaten"
    chance,half,best = chance_of(y, y),len(y)//2,[]
    sd = spread(chance, len(y))
    for v in as_rows(x):
        same = share(y[torch.cdist(v, v).fill_diagonal_(math.inf).argmin(1)], y)
        near = share(nearest_mean(v[:half], y[:half], v[half:]), y[half:])
        best.append((same, max((same-chance)/sd, (near-chance)/(sd*2**0.5))))
    return best[0][0],chance,max(o for _,o in best)

def told(x, y, vx, vy):
    "How well half of the training items tell the labels of the others, and of validation items, and these labels"
    n,half = len(y),len(y)//2
    res = []
    for rows in as_rows(torch.cat([plain(x), plain(vx).to(x)])):
        for guess in (nearest,nearest_mean):
            own = share(guess(rows[:half], y[:half], rows[half:n]), y[half:])
            labels = guess(rows[:half], y[:half], rows[n:])
            res.append((own,share(labels, vy),labels))
    return max(res, key=lambda o: o[0])

def views(x):
    "Images turned round in other ways, by the name of it; none if these are no images"
    side = math.isqrt(x[0].numel())
    if x.dim()>3 and x.shape[-1]==x.shape[-2]: im = x
    elif side>=SMALLEST_IMAGE and side*side==x[0].numel(): im = x.reshape(len(x), side, side)
    else: return {}
    made = {'transposed': im.transpose(-1, -2),'mirrored': im.flip(-1),'put upside down': im.flip(-2),
        'turned by half a turn': im.flip(-1, -2),'turned to the right': im.transpose(-1, -2).flip(-1),
        'turned to the left': im.transpose(-1, -2).flip(-2)}
    return {k: v.reshape(x.shape) for k,v in made.items()}

def renumbered(labels, vy):
    "What training calls one and validation another class, as a dict, and how often that holds; or `None`"
    names = {c: vy[labels==c].mode().values.item() for c in labels.unique().tolist()}
    if len(set(names.values())) < len(names): return
    return names,share(torch.tensor([names[c] for c in labels.tolist()]), vy)

def unlike(s):
    "How the scales of training and validation inputs differ, or None"
    if s.vx is None or len(s.vx)<FEWEST or not s.vx.isfinite().all(): return
    (m,sd),(vm,vsd) = ((x.float().mean().item(),x.float().std().item()) for x in (s.x,s.vx))
    if abs(m-vm) > sd or max(sd, vsd) > 2*min(sd, vsd):
        return (f"training inputs have a mean of {m:.3g} and a standard deviation of {sd:.2g}, validation inputs "
            f"{vm:.3g} and {vsd:.2g}")

def parts_differ(s):
    "What is wrong if training items tell each other's labels, but not those of validation items; or `None`"
    vy = None if s.vy is None else as_classes(s.vy)
    if vy is None or not len(vy)==len(s.vx)>=FEWEST or s.vx.shape[1:]!=s.x.shape[1:] or unlike(s): return
    own,other,labels = told(s.x, s.labels, s.vx, vy)
    chance,own_chance = chance_of(s.labels, vy),chance_of(s.labels, s.labels)
    tells = (other-chance)/max(own-own_chance, 1e-6)
    if tells>=AGREES or own-other < CLEAR*spread(0.5, len(vy)): return
    seen = f"The training items tell {own:.0%} of each other's labels, but only {other:.0%} of the validation labels"
    for name,turned in views(s.vx).items():
        better = told(s.x, s.labels, turned, vy)[1]
        if better-chance >= TELLS*(own-own_chance):
            return f"{seen}, and {better:.0%} once the validation images are {name}: one part is turned. Turn it back."
    names,better = renumbered(labels, vy) or ({},0)
    if better-chance >= TELLS*(own-own_chance):
        a,b = next((a,b) for a,b in names.items() if a!=b)
        return f"{seen}, as what training calls {a} is mostly called {b} in validation: number both alike."
    return f"{seen}: were these shuffled, or are the inputs of the two parts made in different ways?"

def slipped(s):
    "By how many places the labels have slipped against the inputs, or `None`"
    if not s.train.indexed: return
    x,y = s.train.items(range(min(s.train.n, len(s.labels))))
    found = {shift: related(x, as_classes(y).roll(shift))[2] for shift in SHIFTS}
    shift = max(found, key=found.get)
    return shift if found[shift]>RELATED+1 else None

@check('data', 'pairing')
def pairing(s):
    if s.labels is None and s.y.shape==s.x.shape:
        raise Fault(f"The targets are the inputs themselves, or at least have their shape, {tuple(s.x.shape)}: was "
            "zip(x, x) written for zip(x, y)?")
    if not s.x.isfinite().all(): raise NotChecked("The inputs aren't finite: see 'scale'.")
    if s.misfit or s.labels is None or len(s.labels)<FEWEST or len(s.labels.unique())<2:
        raise NotChecked(f"It takes {FEWEST} items or more, with labels.")
    same,chance,sds = related(s.x, s.labels)
    if sds>SURELY and 'data: labels' not in s.blocked and (text := parts_differ(s)): raise Fault(text)
    if sds>=RELATED:
        return f"The most similar input has the same label {same:.0%} of the time, {chance:.0%} by chance."
    if shift := slipped(s):
        places,late,before = abs(shift),'late' if shift<0 else 'early','before' if shift<0 else 'after'
        raise Fault(f"The labels are {places} place{'' if places==1 else 's'} {late}: each belongs to an input "
            f"{before} the one it is paired with. Pair x and y anew.")
    if not s.x.is_floating_point() and s.x.dtype!=torch.uint8:
        raise NotChecked("The inputs are numbers of words or the like, which can't be compared.")
    raise Fault("The labels have nothing to do with the inputs: the most similar input has the same label "
        f"{same:.0%} of the time, {chance:.0%} by chance. Was one of them shuffled, or sorted, without the other?")


# Are the parts apart, and mixed?

def hashes(chunks):
    "How many items there are in chunks of inputs, and the different ones, as hashes"
    n,found = 0,set()
    for x in chunks:
        rows = x.cpu().reshape(len(x), -1).contiguous().view(torch.uint8).numpy()
        found.update(hash(o.tobytes()) for o in rows)
        n += len(x)
    return n,found

def exchanged(s):
    "A sentence if the validation part is much larger than the training part"
    n,v = s.train.count(),s.valid.count()
    if n is None or v is None or v<EXCHANGED*n or v in TEST_SETS: return
    return (f"The validation part is larger than the training part, {v:,} items against {n:,}: were the two "
        "exchanged? Train with the larger one.")

@check('data', 'disjoint', needs=('data: batches',))
def disjoint(s):
    if s.valid is None: raise NotChecked("There is no validation loader.")
    if s.valid.dl is s.train.dl:
        raise Fault("The validation loader is the training loader, so the metric says nothing about new data: keep "
            "some apart.")
    names = [getattr(getattr(o.dl, 'dataset', None), 'items', None) for o in (s.train,s.valid) if o.idxs is None]
    if len(names)==2 and all(isinstance(o, (list,tuple,L)) for o in names):
        both = set(map(str, names[0])) & set(map(str, names[1]))
        if both: raise Fault(f"{len(both)} validation items are training items as well: keep some apart.")
    most = 20_000 if s.train.in_memory else 512
    (n,train),(_,valid) = hashes(s.train.chunks(most)),hashes(s.valid.chunks(most))
    both = len(train&valid)
    repeats = len(train) < REPEATS*n
    if not repeats and both > max(1, len(valid)/1000):
        raise Fault(f"{both} of {len(valid)} validation items are among the {len(train)} training items that were "
            "looked at: keep some apart.")
    if text := exchanged(s): raise Fault(text)
    if repeats: raise NotChecked("The training inputs repeat themselves, so it can't be told.")
    return "No validation item was met among the training items."

def neighbours_share(ys, items):
    "How often neighbours have the same label"
    y = as_classes((torch.stack if items else torch.cat)(ys))
    return share(y[1:], y[:-1]),len(y)

@check('data', 'shuffled')
def shuffled(s):
    bs = s.train.batches(512)
    if not bs: raise NotChecked("See 'batches'.")
    items,ys = is_item(*bs[0]),[y for _,y in bs]
    fixed = torch.equal(bs[0][0], s.train.batches(1)[0][0])
    if s.labels is None:
        if fixed:
            raise Fault("Each epoch has the same order (how well mixed it is can be said once the targets are "
                "labels): give the training loader shuffle=True.")
        raise NotChecked("The targets are no labels.")
    if len(bs)==1 and len(s.train.batches(s.bs+1))==1:
        return "One batch holds all the data, so their order makes no difference."
    chance = chance_of(s.labels, s.labels)
    same,n = neighbours_share(ys, items)
    sd = spread(chance, n)
    if not items: ys = [y[some(len(y), len(y))] for y in ys] # within a batch, the order makes no difference
    mixed,_ = neighbours_share(ys, items)
    if same > chance + max(SORTED*(1-chance), RELATED*sd) and mixed > chance + RELATED*sd:
        raise Fault(f"The training data come sorted: neighbours share their label {same:.0%} of the time, and "
            f"{chance:.0%} in a mixed order. Give the training loader shuffle=True.")
    end = "; but the order is the same each epoch, and shuffle=True is better." if fixed else "."
    return f"Neighbours share their label {same:.0%} of the time, about as in a mixed order ({chance:.0%}){end}"


# The scale of the inputs

FIRST = ('linear','conv1d','conv2d','conv3d','matmul','__matmul__','mm','addmm','gru','lstm','rnn_tanh','rnn_relu')

class FirstInput(TorchFunctionMode):
    "Notes what meets the first weights, in whatever way they are applied"
    seen = None
    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, '__name__', '')
        if self.seen is None and name in FIRST:
            a,b = args[-2:] if name=='addmm' else args[:2]
            if not a.requires_grad or getattr(b, 'requires_grad', False): self.seen = a
        return func(*args, **(kwargs or {}))

def first_input(s):
    "What meets the first weights of the model; the inputs, if that can't be seen"
    s.mode(True)
    with FirstInput() as f, torch.no_grad(): s.model(s.x[:64])
    return plain(s.x[:64] if f.seen is None else f.seen)

@check('data', 'scale')
def scale(s):
    if not s.x.isfinite().all(): raise Fault("The inputs hold nan or infinite values: find out where they come from.")
    if text := unlike(s): raise Fault(f"Training and validation inputs are not scaled alike: {text}.")
    x = first_input(s)
    if not x.is_floating_point(): return "The inputs are whole numbers, and the model takes them."
    mean,std = x.float().mean().item(),x.float().std().item()
    if std==0: raise Fault(f"All inputs are {mean:.3g}, so there is nothing to learn from.")
    if std>TOO_LARGE or abs(mean)>TOO_LARGE or std<TOO_SMALL:
        raise Fault(f"The first layer sees inputs with a mean of {mean:.3g} and a standard deviation of {std:.2g}: "
            "bring them to 0..1 (divide pixels by 255, once), or standardise them.")
    return f"Inputs with a mean of {mean:.2f} and a standard deviation of {std:.2f}."
