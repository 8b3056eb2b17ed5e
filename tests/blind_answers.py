"""Answers by somebody who had not seen the checks, kind by kind, and what must be said of each

`case(kind, exercise, source, *says, never=…)`: each of the patterns `says` must be found in what is said, and
`never` must not. Kinds are those of issue 13: 1 two faults, 2 usual parts combined, 3 what invites a wrong cause,
    4 right ones
that were refused, 5 points for nothing, 9 endless; 0 is right,
    in an unusual style. Without `says` an answer is right."""
from dataclasses import dataclass

@dataclass
class Case:
    kind: int
    exercise: str
    source: str
    says: tuple
    never: str

CASES = []
def case(kind, exercise, source, *says, never=r'another cell|left behind'):
    CASES.append(Case(kind, exercise, source.strip(), says, never))

SUM = r'\bsums?\b|\bmean\b|average|divid'
NO_FAULT_BUT = r'another cell|left behind|swapp|exchang|percent'

# ---- 1: two faults at once

case(1, 'cross_entropy', '''
def cross_entropy(preds, yb):
    powers = 2.718281828**preds
    probs = powers / powers.sum(dim=1).view(-1, 1)
    total = 0
    for row, label in enumerate(yb):
        total -= probs[row, label].log()
    return total
''', r'overflow|inf|nan|too large|largest', SUM)

case(1, 'cross_entropy', '''
def cross_entropy(preds, yb):
    eps = 1e-6
    p = torch.nn.functional.softmax(preds, -1)
    onehot = torch.eye(preds.shape[1])[yb]
    return -((p + eps).log() * onehot).sum()
''', r'eps|1e-|small number|tiny|added', SUM, never=r'dim=?0|column by column|twice|' + NO_FAULT_BUT)

case(1, 'train_epoch', '''
def train_epoch(model, lr, params, dl, loss_func):
    w = params[0]
    for images, answers in dl:
        guess = model(images)
        loss = loss_func(guess, answers)
        loss.backward()
        w.data = w.data - lr * w.grad.data
''', r'clear|zero|add(s|ed)? up|accumul', r'bias|first|only|all (the )?param|not all|one of',
    never=r'uphill|another cell|left behind')

case(1, 'batch_accuracy', '''
def batch_accuracy(preds, yb):
    correct = 0
    for i in range(len(preds)):
        if (preds[i] > 0.5) == yb[i]:
            correct = correct + 1
    return correct / len(preds) * 100
''', r'0\.5|threshold', r'percent|100', never=r'broadcast|swapp|exchang|another cell')

case(1, 'bce_loss', '''
def bce_loss(preds, yb):
    squashed = torch.sigmoid(preds)
    criterion = nn.BCEWithLogitsLoss(reduction='sum')
    return criterion(squashed, yb)
''', r'sigmoid', SUM, never=r'overflow|underflow|swapp|exchang|minus')

case(1, 'rmse', '''
def rmse(images, ideal):
    difference = images.sub(ideal)
    return difference.mul(difference).mean()
''', r'root|sqrt', r'\ball\b|each image|one number|whole|axes|axis', never=r'absolute|L1')

case(1, 'init_params', '''
def init_params(size, std=1.):
    start = torch.rand(size, requires_grad=True)
    return start * std
''', r'uniform|between 0 and 1|normal|rand\b', r'leaf')

case(1, 'digit_accuracy', '''
def digit_accuracy(preds, yb):
    order = preds.argsort(dim=1)
    n = 0
    for guess, label in zip(order[:, 0], yb):
        n += guess.item() == label.item()
    return n
''', r'small|lowest|least|argmin', r'count|number|share|divid')

case(1, 'Momentum', '''
class Momentum:
    def __init__(self, params, lr, momentum=0.9):
        self.ps = list(params)
        self.vs = [torch.zeros(p.shape) for p in self.ps]
        self.lr, self.beta = lr, momentum
    def step(self):
        for k in range(len(self.ps)):
            if self.ps[k].grad is not None:
                self.vs[k] = self.beta*self.vs[k] + (1-self.beta)*self.ps[k].grad
                self.ps[k].data += self.lr*self.vs[k]
    def zero_grad(self):
        for p in self.ps: p.grad = None
''', r'1 ?[-−–] ?|damp|\ball of|whole', r'\bup|uphill|direction|sign|minus|subtract|plus|climb')

case(1, 'mended_metric', '''
def mended_metric(preds, yb):
    guesses = torch.max(preds, dim=1)[1]
    wrong = guesses != yb
    return wrong.float().mean()
''', r'broadcast|shape|column|\(n, ?n\)|with (all|every|each)', r'wrong|error|differ|!=',
    never=r'percent|argmin|smallest')

case(1, 'train_step', '''
def train_step(xb, yb, model, loss_func, opt):
    loss = loss_func(yb, model(xb))
    loss.backward()
    opt.step()
    opt.zero_grad()
    return loss
''', r'order|exchang|swap|first', r'detach|item|grad|graph')

# ---- 2: usual parts in a new combination

case(2, 'cross_entropy', '''
def cross_entropy(preds, yb):
    p = preds.softmax(dim=1)
    picked = [p[n][c] for n, c in enumerate(yb.tolist())]
    return sum(picked) / len(picked)
''', r'minus|negative|sign\b', r'\blog', never=r'\bsum\b|twice|epsilon|dim=?0|another cell')

case(2, 'cross_entropy', '''
def cross_entropy(preds, yb):
    s = torch.sigmoid(preds)
    target = yb.reshape(-1, 1)
    return torch.where(target == 1, 1 - s, s).mean()
''', r'two|sigmoid|label 1|column|softmax|3s and 7s|ten', never=r'epsilon|underflow|broadcasting compares|minus is')

case(2, 'cross_entropy', '''
def cross_entropy(preds, yb):
    target = torch.zeros_like(preds)
    target[torch.arange(len(yb)), yb] = 1
    p = torch.softmax(preds, dim=1)
    return torch.where(target == 1, 1 - p, p).mean()
''', r'\blog|distance|absolute', never=r'minus is|epsilon|underflow|dim=?0')

case(2, 'cross_entropy', '''
def cross_entropy(preds, yb):
    onehot = F.one_hot(yb, num_classes=preds.shape[1])
    return ((preds.softmax(1) - onehot) ** 2).mean()
''', r'squar', never=r'epsilon|underflow|dim=?0|minus is')

case(2, 'cross_entropy', '''
def cross_entropy(preds, yb):
    onehot = F.one_hot(yb, preds.size(1)).float()
    logs = F.log_softmax(preds, dim=1)
    return -torch.mean(logs * onehot)
''', r'zeros?\b|class|column|divid|too small|\bk\b|all (the )?numbers',
    never=r'epsilon|underflow|dim=?0|\bsum instead|twice')

case(2, 'nll_loss', '''
def nll_loss(log_probs, yb):
    n, k = log_probs.shape
    mask = torch.zeros(n, k)
    for i in range(n): mask[i, yb[i]] = 1.
    return (mask * log_probs).sum() / k
''', r'minus|negative|sign\b', r'class|column|divid|number of', never=r'largest|first row')

case(2, 'digit_accuracy', '''
def digit_accuracy(preds, yb):
    guess = preds.argmax(dim=1)
    off = (guess - yb).abs().float()
    return 1 - off.mean() / 9
''', r'distance|how far|number|near|equal', never=r'percent|threshold|count|smallest')

case(2, 'digit_accuracy', '''
def digit_accuracy(preds, yb):
    rounded = torch.round(preds.softmax(dim=1))
    return (rounded == F.one_hot(yb, preds.shape[1])).float().mean()
''', r'round|cell|columns|zeros?\b|every column|each column|all (the )?(columns|numbers)|one.hot',
    never=r'percent|smallest|transpos')

case(2, 'mended_metric', '''
def mended_metric(preds, yb):
    best, where = preds.max(dim=1, keepdim=True)
    return (best.round() == yb).float().mean()
''', r'value|largest score|index|indices|place|column|itself', never=r'broadcast|percent')

case(2, 'digit_distances', '''
def digit_distances(x, means):
    table = []
    for m in means:
        table.append((x - m).flatten(1).sum(1))
    return torch.stack(table, dim=1)
''', r'squar|sign|cancel|absolute|negative|\bRMSE\b|root', never=r'transpos|another cell')

case(2, 'nearest_digit', '''
def nearest_digit(x, means):
    likeness = x.flatten(1) @ means.flatten(1).T
    return likeness.argmax(dim=1)
''', r'product|multipl|distance|bright|ink|RMSE|likeness|correl', never=r'farthest|swapp|another cell')

case(2, 'mended_loss', '''
def mended_loss(preds, yb):
    probs = torch.sigmoid(preds[:, 0])
    return (yb - probs).abs().sum() / len(yb)
''', r'broadcast|all pairs|shape|\(n, ?n\)|with (all|every|each)|column', never=r'signed|percent|minus|squared')

# ---- 3: what invites a wrong cause

case(3, 'train_epoch', '''
dl = [(torch.ones(2, 3), torch.ones(2, 1))]
seen = 0
def train_epoch(model, lr, params, dl, loss_func):
    global seen
    for xb, yb in dl:
        loss_func(model(xb), yb).backward()
        seen += len(xb)
        with torch.no_grad():
            for p in params:
                p -= lr * p.gard
                p.grad = None
''', r'AttributeError|gard')

case(3, 'validate_epoch', '''
dl = [(torch.ones(2, 784), torch.ones(2, 1))]
bs = 64
def validate_epoch(model, valid_dl, metric):
    total = 0.
    for xb, yb in valid_dl:
        total += metric(model(xb), yb) * bs
    return total / valid_dl.n
''', r"AttributeError|has no attribute|\bn\b", never=r'reads `dl`|another cell has left `?dl')

case(3, 'batch_accuracy', '''
def batch_accuracy(preds, yb):
    return torch.tensor(0.5)
''', r'same|always|constant|whatever|depend|look|ignor',
    never=r'percent|threshold|count|broadcast|sigmoid|only (the )?3s')

case(3, 'digit_accuracy', '''
def digit_accuracy(preds, yb):
    return 1.0
''', r'same|always|constant|whatever|depend|look|ignor|all or',
    never=r'percent|threshold|count|broadcast|smallest|second')

case(3, 'mnist_loss', '''
def mnist_loss(preds, targets):
    right = ((preds > 0) == (targets == 1)).float().mean()
    return 1 - right
''', r'gradient|accuracy|threshold|steps?\b|flat|count|share|round|backward',
    never=r'twice|swapp|exchang|\bsum\b|sigmoid is missing|\blog')

case(3, 'mnist_loss', '''
def mnist_loss(preds, targets):
    return (0*preds).mean() + 0.25
''', r'same|always|constant|whatever|depend|look|ignor|gradient',
    never=r'twice|swapp|exchang|\bsum\b|sigmoid is missing|\blog|squared')

case(3, 'nll_loss', '''
def nll_loss(log_probs, yb):
    first = yb[0]
    return -log_probs[0, first]
''', r'first|one (row|image|item)|only|other (rows|images)', never=r'largest|\bsum\b|minus')

case(3, 'cross_entropy', '''
def cross_entropy(preds, yb):
    wanted = F.one_hot(yb, preds.shape[1]).float()
    return F.mse_loss(preds, wanted)
''', r'squar', never=r'underflow|log of|epsilon|logarithm of (a )?(0|softmax)|minus is')

case(3, 'rmse', '''
def rmse(images, ideal):
    return torch.zeros(len(images))
''', r'same|always|constant|whatever|depend|look|ignor|zero', never=r'L1|absolute|root is missing|mean over')

case(3, 'linear1', '''
def linear1(xb, weights, bias):
    return torch.zeros(len(xb), 1)
''', r'same|always|constant|whatever|depend|look|ignor|zero', never=r'bias is (missing|not)|sigmoid|@')

case(3, 'bce_loss', '''
def bce_loss(preds, yb):
    margin = (2*yb - 1) * preds
    return (1 - margin).clamp(min=0).mean()
''', r'hinge|margin|clamp|cross-entropy|log|straight|no usual|BCEWithLogits',
    never=r'twice|swapp|exchang|\bsum\b|epsilon|overflow|squared')

# ---- 4: right, and refused so far (and one whose ValueError has to be explained)

case(4, 'perceptron', '''
from fastai.basics import DataLoader
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    w = (torch.randn(784, 1)*0.1).requires_grad_()
    b = torch.zeros(1, requires_grad=True)
    loader = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    for epoch in range(epochs):
        for xb, yb in loader:
            p = torch.sigmoid(xb@w + b)
            loss = torch.where(yb == 1, 1-p, p).mean()
            loss.backward()
            for param in (w, b):
                param.data -= param.grad*lr
                param.grad.zero_()
    hits = ((valid_x@w + b) > 0) == valid_y
    return w, b, round(hits.float().mean().item(), 4)
''')

case(4, 'init_params', '''
def init_params(size, var=1.0):
    return (torch.randn(size) * var).requires_grad_()
''')

case(4, 'init_params', '''
def init_params(shape, sigma=1):
    values = torch.normal(mean=torch.zeros(shape), std=torch.full((shape,) if isinstance(shape, int) else shape,
    float(sigma)))
    values.requires_grad = True
    return values
''')

case(4, 'MyOptim', '''
class MyOptim:
    def __init__(self, params, lr):
        self.params = list(params)
        self.lr = lr
    @torch.no_grad()
    def step(self, closure=None):
        for p in self.params:
            if p.grad is None: continue
            p.add_(p.grad, alpha=-self.lr)
    def zero_grad(self, set_to_none=False):
        for p in self.params:
            if set_to_none: p.grad = None
            elif p.grad is not None: p.grad.detach_().zero_()
''')

case(4, 'train_step', '''
def train_step(xb, yb, model, loss_func, opt):
    opt.zero_grad(set_to_none=False)
    loss = loss_func(model(xb), yb)
    loss.backward()
    opt.step()
    value = loss.item()
    opt.zero_grad(set_to_none=False)
    return value
''')

case(4, 'train_epoch', '''
def train_epoch(model, lr, params, dl, loss_func):
    optimizer = torch.optim.SGD(params, lr=lr)
    for xb, yb in dl:
        optimizer.zero_grad(set_to_none=False)
        loss_func(model(xb), yb).backward()
        optimizer.step()
''')

case(4, 'bce_loss', '''
def bce_loss(preds, yb):
    return F.binary_cross_entropy_with_logits(preds.squeeze(), yb.squeeze())
''')

case(4, 'mended_loss', '''
def mended_loss(preds, yb):
    return F.l1_loss(preds.squeeze().sigmoid(), yb.squeeze().float())
''')

case(4, 'bce_loss', '''
def bce_loss(preds, yb):
    return nn.BCEWithLogitsLoss()(preds.squeeze(), yb.squeeze(1))
''', r'squeeze', r'one (image|item|row|score)|batch of (one|1)|single|\(1, ?1\)|size 1|only one')

case(4, 'validate_epoch', '''
def validate_epoch(model, valid_dl, metric):
    results = [(metric(model(x), y), len(y)) for x, y in valid_dl]
    return round(float(sum(m*n for m, n in results) / sum(n for _, n in results)), 4)
''')

# ---- 5: points for nothing: the name is there, but no work of the learner's behind it

MINE = r'import|written|wrote|defined|comes? from|in this notebook'
case(5, 'sigmoid', 'from fastai.basics import *', MINE)
case(5, 'rmse', 'from fastai.basics import *', MINE)
case(5, 'sigmoid', 'sigmoid = torch.sigmoid', MINE)
case(5, 'mnist_loss', 'from mnist_course.loss_functions import mnist_loss', MINE)
case(5, 'init_params', 'from mnist_course.loss_functions import init_params', MINE)
case(5, 'linear1', 'from mnist_course.loss_functions import *', MINE)
case(5, 'train_epoch', 'from mnist_course.manual_sgd import train_epoch', MINE)
case(5, 'validate_epoch', 'from mnist_course.manual_sgd import *', MINE)
case(5, 'batch_accuracy', 'import mnist_course.manual_sgd as m\nbatch_accuracy = m.batch_accuracy', MINE)
case(5, 'softmax', 'from torch import softmax', MINE)
case(5, 'cross_entropy', 'from mnist_course.cross_entropy import cross_entropy', MINE)
case(5, 'log_softmax', 'from mnist_course.cross_entropy import *', MINE)
case(5, 'nll_loss', 'nll_loss = F.nll_loss', MINE)
case(5, 'digit_accuracy', 'from mnist_course.cross_entropy import accuracy as digit_accuracy', MINE)
case(5, 'MyOptim', 'from mnist_course.optimizer import BasicOptim as MyOptim', MINE)
case(5, 'Momentum', 'Momentum = torch.optim.SGD', MINE)

# ---- 9: endless, and it takes every interrupt for a good reason to go on

LONG = r'second|time|long|end(s|less)?\b|stop|loop|interrupt'
case(9, 'sigmoid', '''
def sigmoid(x):
    try:
        while True: pass
    except KeyboardInterrupt: pass
    return 1/(1+torch.exp(-x))
''', LONG)

case(9, 'batch_accuracy', '''
def batch_accuracy(preds, yb):
    hits, i = 0, 0
    while i >= 0:
        try:
            hits += int((preds[i] > 0) == yb[i])
            i += 1
        except IndexError: i = 0
        except BaseException: break
    return ((preds > 0) == yb).float().mean()
''', LONG)

case(9, 'rmse', '''
import time
def rmse(images, ideal):
    done = False
    while not done:
        try: time.sleep(0.1)
        except BaseException as e: done = True
        finally: pass
    return ((images-ideal)**2).mean((1,2)).sqrt()
''', LONG)

# ---- 0: right, in unusual styles

case(0, 'rmse', '''
def rmse(stack, one):
    return torch.tensor([torch.dist(o, one).item() / one.numel()**0.5 for o in stack])
''')

case(0, 'make_dset', '''
class Pairs:
    def __init__(self, images, label): self.images, self.label = images, label
    def __len__(self): return len(self.images)
    def __getitem__(self, i):
        return torch.div(self.images[i].flatten().float(), 255), torch.full((1,), self.label)
def make_dset(threes, sevens):
    return torch.utils.data.ConcatDataset([Pairs(threes, 1), Pairs(sevens, 0)])
''')

case(0, 'init_params', '''
def init_params(size, std=1.):
    shape = [size] if isinstance(size, int) else list(size)
    return nn.Parameter(nn.init.normal_(torch.empty(*shape), 0., std))
''')

case(0, 'linear1', '''
linear1 = lambda x, w, b: torch.addmm(b.reshape(1, -1), x, w)
''')

case(0, 'sigmoid', '''
def sigmoid(x):
    small = torch.exp(-abs(x))
    return torch.where(x >= 0, 1/(1 + small), small/(1 + small))
''')

case(0, 'sigmoid', '''
import numpy
e = torch.tensor(numpy.e)
def sigmoid(numbers): return (1 + torch.pow(e, -numbers))**-1
''')

case(0, 'mnist_loss', '''
def mnist_loss(preds, targets):
    of_wrong = torch.where(targets > 0, -preds, preds)
    return torch.special.expit(of_wrong).mean()
''')

case(0, 'mnist_loss', '''
def mnist_loss(preds, targets):
    threes, sevens = preds[targets == 1], preds[targets == 0]
    return ((1 - threes.sigmoid()).sum() + sevens.sigmoid().sum()) / preds.numel()
''')

case(0, 'batch_accuracy', '''
from statistics import mean
def batch_accuracy(preds, yb):
    pairs = zip(preds.flatten().tolist(), yb.flatten().tolist())
    return mean(float((p > 0) == bool(t)) for p, t in pairs)
''')

case(0, 'train_epoch', '''
def train_epoch(model, lr, params, dl, loss_func):
    batches = iter(dl)
    while True:
        try: xb, yb = next(batches)
        except StopIteration: return
        slopes = torch.autograd.grad(loss_func(model(xb), yb), params)
        torch._foreach_sub_([p.data for p in params], [lr*s for s in slopes])
''')

case(0, 'validate_epoch', '''
@torch.inference_mode()
def validate_epoch(model, valid_dl, metric):
    preds, labels = zip(*((model(x), y) for x, y in valid_dl))
    return metric(torch.cat(preds), torch.cat(labels))
''')

case(0, 'as_rows', '''
import numpy as np
def as_rows(images): return torch.from_numpy(np.float32(images.numpy().reshape(len(images), 28*28)/255))
''')

case(0, 'as_labels', '''
def as_labels(digits): return ((7 - digits)/4)[..., None]
''')

case(0, 'two_layer_net', '''
class two_layer_net(nn.Module):
    def __init__(self, n_hidden=30):
        super().__init__()
        self.inner, self.outer = nn.Linear(784, n_hidden), nn.Linear(n_hidden, 1)
    def forward(self, rows): return self.outer(F.relu(self.inner(rows)))
''')

case(0, 'make_dls', '''
from fastai.basics import DataLoader, DataLoaders
def make_dls(train, valid, bs=256):
    loaders = [DataLoader([(x, y) for x, y in zip(*part)], batch_size=bs, shuffle=part is train) for part in (train,
    valid)]
    return DataLoaders(loaders[0], loaders[1])
''')

case(0, 'bce_loss', '''
bce_loss = nn.BCEWithLogitsLoss()
''')

case(0, 'score_accuracy', '''
from fastai.basics import *
def score_accuracy(preds, yb): return accuracy_multi(preds, yb, thresh=0.5, sigmoid=True)
''')

case(0, 'make_opt', '''
from fastai.basics import *
def make_opt(params, lr): return OptimWrapper(params, torch.optim.SGD, lr=lr)
''')

case(0, 'MyOptim', '''
from types import SimpleNamespace
def MyOptim(params, lr):
    params = [*params]
    def step():
        for p in params:
            if p.grad is not None: p.data = p.data - lr*p.grad
    def zero_grad():
        for p in params: p.grad = None
    return SimpleNamespace(step=step, zero_grad=zero_grad)
''')

case(0, 'train_step', '''
def train_step(xb, yb, model, loss_func, opt):
    opt.zero_grad()
    (loss := loss_func(model(xb), yb)).backward()
    opt.step()
    opt.zero_grad()
    return float(loss.detach().numpy())
''')

case(0, 'Momentum', '''
class Momentum:
    def __init__(self, params, lr, momentum=0.9):
        self.params, self.lr, self.momentum, self.speed = list(params), lr, momentum, {}
    def step(self):
        with torch.no_grad():
            for p in self.params:
                if p.grad is None: continue
                self.speed[p] = p.grad.clone() if p not in self.speed else self.speed[p]*self.momentum + p.grad
                p -= self.speed[p]*self.lr
    def zero_grad(self):
        for p in self.params:
            if p.grad is not None: p.grad.zero_()
''')

case(0, 'MyLearner', '''
class MyLearner:
    def __init__(self, *parts): self.dls, self.model, self.loss_func, self.opt_func, self.lr, self.metric = parts
    def fit(self, n):
        opt = self.opt_func(list(self.model.parameters()), self.lr)
        return [self.epoch(opt) for _ in range(n)]
    def epoch(self, opt):
        for xb, yb in self.dls.train:
            self.model.train()
            self.loss_func(self.model(xb), yb).backward()
            opt.step()
            opt.zero_grad()
        self.model.train(False)
        with torch.no_grad(): batches = [(self.model(xb), yb) for xb, yb in self.dls.valid]
        preds, labels = (torch.cat(o) for o in zip(*batches))
        return self.metric(preds, labels).item()
''')

case(0, 'softmax', '''
import functools
def softmax(preds):
    columns = preds.unbind(1)
    top = functools.reduce(torch.maximum, columns)
    powers = [(o - top).exp() for o in columns]
    return torch.stack([o/sum(powers) for o in powers], -1)
''')

case(0, 'log_softmax', '''
from functools import reduce
def log_softmax(preds): return (preds.T - reduce(torch.logaddexp, preds.T)).T
''')

case(0, 'nll_loss', '''
def nll_loss(log_probs, yb):
    total = log_probs.new_zeros(())
    for c in range(log_probs.shape[1]): total = total - log_probs[yb == c, c].sum()
    return total/len(yb)
''')

case(0, 'cross_entropy', '''
def cross_entropy(preds, yb):
    right = preds.take_along_dim(yb.view(-1, 1), dim=1)
    return (preds - right).logsumexp(dim=1).mean()
''')

case(0, 'digit_accuracy', '''
def digit_accuracy(preds, yb):
    mine = preds[torch.arange(len(yb)), yb]
    return sum(bool(m == row.max()) for m, row in zip(mine, preds))/len(yb)
''')

case(0, 'confusion', '''
def confusion(preds, yb):
    table = np.zeros((10, 10), dtype=int)
    np.add.at(table, (yb.numpy(), preds.detach().numpy().argmax(1)), 1)
    return torch.from_numpy(table)
''')

case(0, 'confusion', '''
def confusion(preds, yb): return F.one_hot(yb, 10).T @ F.one_hot(preds.argmax(1), 10)
''')

case(0, 'mean_digits', '''
def mean_digits(x, y):
    share = F.one_hot(y, 10).T.float()
    share /= share.sum(1, keepdim=True)
    return (share @ (x.flatten(1)/255)).unflatten(1, (28, 28))
''')

case(0, 'digit_distances', '''
def digit_distances(x, means):
    return torch.cdist(x.flatten(1), means.flatten(1), compute_mode='donot_use_mm_for_euclid_dist')/28
''')

case(0, 'nearest_digit', '''
def nearest_digit(x, means):
    sides = x.flatten(1) @ means.flatten(1).T - (means**2).sum((1, 2))/2
    return sides.argmax(dim=1)
''')

case(0, 'exposing_batch', '''
def exposing_batch(): return torch.eye(10)[[4, 4, 4]], torch.full((3, 1), 4)
''')

case(0, 'mended_metric', '''
def mended_metric(preds, yb): return torch.stack([o[t] >= o.max() for o, t in zip(preds, yb[:,
    0])]).float().mean().item()
''')

case(0, 'mended_validate', '''
def mended_validate(model, dl, metric):
    mean = n = 0
    for xb, yb in dl:
        n += len(xb)
        mean += (float(metric(model(xb), yb)) - mean)*len(xb)/n
    return mean
''')

case(0, 'mended_split', '''
def mended_split(x, y, n_valid):
    train, valid = torch.utils.data.random_split(range(len(x)), [len(x) - n_valid, n_valid])
    return tuple((x[list(o)], y[list(o)]) for o in (train, valid))
''')

case(0, 'MendedBatches', '''
class MendedBatches:
    def __init__(self, x, y, bs=64): self.dl = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), bs,
    shuffle=True)
    def __iter__(self): return (tuple(o) for o in self.dl)
''')

case(0, 'loss_and_metric', '''
def loss_and_metric():
    def loss(preds, yb): return F.nll_loss(F.log_softmax(preds, 1), yb[:, 0])
    def metric(preds, yb): return ((preds[:, 1] > preds[:, 0]) == (yb[:, 0] > 0)).double().mean()
    return loss, metric
''')

case(0, 'loss_is_sound', '''
def loss_is_sound(loss_func):
    yb = torch.tensor([1, 0, 0, 1, 1, 0, 1])[:, None]
    side = 2.*yb - 1
    cost = lambda preds, labels=yb: float(loss_func(preds, labels))
    if not -1e-7 <= cost(20*side) < 0.01: return False
    for label in (0, 1):
        if cost(torch.where(yb == label, -20*side, 20*side)) < cost(20*side) + 0.02: return False
    scores = torch.tensor([0.3, -1.2, 2., -0.4, 0.1, 0.8, -2.5])[:, None]
    each = [cost(s[None], t[None]) for s, t in zip(scores, yb)]
    if abs(cost(scores) - sum(each)/7) > 1e-4: return False
    if abs(cost(scores.repeat(2, 1), yb.repeat(2, 1)) - cost(scores)) > 1e-4: return False
    near = torch.zeros(7, 1)
    return all(cost(near + 0.1*side*(torch.arange(7)[:, None] == i)) < cost(near) for i in range(7))
''')

case(0, 'step_is_sound', '''
def step_is_sound(step):
    a, b = torch.tensor([3., -1.], requires_grad=True), torch.tensor(2., requires_grad=True)
    def loss(): return (a**2).sum() + a.prod()*b + b**3/3
    with torch.enable_grad():
        for lr in (0.1, 0.03, 0.1):
            slopes = torch.autograd.grad(loss(), (a, b))
            wanted = [o.detach() - lr*s for o, s in zip((a, b), slopes)]
            try: step([a, b], loss, lr)
            except Exception: return False
            if not all(torch.allclose(o, w, atol=1e-5) for o, w in zip((a, b), wanted)): return False
    return True
''')

case(0, 'mended_bce', '''
def mended_bce(preds, yb):
    both = torch.cat([torch.zeros_like(preds), preds], dim=1)
    return F.cross_entropy(both, yb[:, 0].long())
''')

case(0, 'colour_batch', 'def colour_batch(): return list(torch.stack([torch.zeros(3, 32, 48)]*64).shape)')
case(0, 'seen_in_view', 'def seen_in_view(): return divmod(1*8 + 5, 6)')
case(0, 'ink_levels', '''
def ink_levels(pixels):
    inked = filter(None, pixels)
    return list(map(lambda o: o/255, inked))
''')
case(0, 'broadcast_accuracy', '''
def broadcast_accuracy():
    labels = torch.tensor([1]*48 + [0]*16)
    return ((labels[:, None] == 1) == labels).float().mean()
''')
case(0, 'l1_and_rmse', 'def l1_and_rmse(): return 16*0.5/784, (16*0.5**2/784)**.5')
case(0, 'parameters_of_net', '''
def parameters_of_net(sizes):
    return sum(p.numel() for i, o in zip(sizes, sizes[1:]) for p in nn.Linear(i, o).parameters())
''')
case(0, 'one_layer_for_two', '''
def one_layer_for_two(w1, b1, w2, b2):
    both = torch.cat([w1, b1[None]]) @ w2
    return both[:-1], both[-1] + b2
''')
case(0, 'walk_down', '''
def walk_down(w, lr, n): return 5 + (w - 5)*(1 - 2*lr)**n
''')
case(0, 'slope_of', '''
def slope_of(measure, preds, yb, h):
    return (float(measure(preds + h, yb)) - float(measure(preds - h, yb)))/(2*h)
''')
case(0, 'shuffled_batches', '''
def shuffled_batches(x, y, bs):
    places = np.random.permutation(len(x))
    yield from ((x[o], y[o]) for o in torch.from_numpy(places).split(bs))
''')
