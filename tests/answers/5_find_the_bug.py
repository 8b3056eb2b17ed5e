# right: exposing_batch
def exposing_batch():
    yb = torch.zeros(2, 1).long()
    return torch.tensor([[1.]+[0.]*9]*2), yb
# right: exposing_batch
def exposing_batch():
    preds = torch.randn(5, 10)
    preds[:,4] = preds.max() + 1
    return preds, torch.tensor([[4]]*5)
# right: exposing_batch
def exposing_batch():
    digit = 3
    labels = [[digit] for _ in range(10)]
    scores = [[float(c==digit) for c in range(10)] for _ in range(10)]
    return [torch.tensor(scores), torch.tensor(labels)]
# wrong: exposing_batch | how labels are mixed
def exposing_batch():
    yb = torch.arange(10)[:,None]
    return torch.eye(10), yb
# wrong: exposing_batch | column, (n,1)
def exposing_batch():
    yb = torch.tensor([5,5,5])
    return F.one_hot(yb, 10).float(), yb
# wrong: exposing_batch | no largest score
def exposing_batch(): return torch.zeros(3, 10), torch.zeros(3, 1)

# right: mended_metric
def mended_metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean().item()
# right: mended_metric
def mended_metric(scores, targets):
    hits = 0
    for row,label in zip(scores, targets): hits += row.argmax().item()==label.item()
    return hits/len(scores)
# right: mended_metric
def mended_metric(p, t):
    errors = p.max(1).indices[:,None] != t
    return 1 - errors.double().mean()
# wrong: mended_metric | (2) It is the share of the wrong ones
def mended_metric(preds, yb):
    errors = preds.softmax(dim=1).argmax(dim=1) == yb
    return 1 - errors.float().mean()
# wrong: mended_metric | broadcasting compares
def mended_metric(preds, yb): return (preds.argmax(dim=1, keepdim=True) == yb.squeeze()).float().mean()
# wrong: mended_metric | probability of the right column is above 0.5
def mended_metric(preds, yb): return (preds.softmax(dim=1)[range(len(yb)),yb.squeeze(1)] > 0.5).float().mean()

# right: mended_validate
def mended_validate(model, dl, metric):
    total,n = 0.,0
    for xb,yb in dl:
        total += metric(model(xb), yb)*len(xb)
        n += len(xb)
    return total/n
# right: mended_validate
def mended_validate(net, loader, acc):
    with torch.no_grad():
        preds,labels = zip(*[(net(a), b) for a,b in loader])
        return float(acc(torch.cat(preds), torch.cat(labels)))
# right: mended_validate
from mnist_course.manual_sgd import validate_epoch
def mended_validate(dl, model, metric): return validate_epoch(model, dl, lambda p,y: torch.as_tensor(metric(p, y)))
# wrong: mended_validate | mean of the batch means
def mended_validate(model, dl, metric):
    accs = torch.tensor([metric(model(xb), yb) for xb,yb in dl])
    return accs.mean().item()
# wrong: mended_validate | divided twice
def mended_validate(model, dl, metric):
    accs = torch.tensor([float(metric(model(xb), yb)) for xb,yb in dl])
    ns = torch.tensor([len(yb) for _,yb in dl])
    return (accs*ns).mean()/ns.sum()
# wrong: mended_validate | A float has no methods of a tensor
def mended_validate(model, dl, metric):
    found = [(metric(model(xb), yb).item(), len(xb)) for xb,yb in dl]
    return sum(acc*n for acc,n in found)/sum(n for _,n in found)

# right: mended_split
def mended_split(x, y, n_valid):
    idxs = torch.randperm(len(x))
    train,valid = idxs[n_valid:],idxs[:n_valid]
    return (x[train],y[train]),(x[valid],y[valid])
# right: mended_split
def mended_split(images, labels, k):
    chosen = torch.zeros(len(images)).bool()
    chosen[torch.randperm(len(images))[:k]] = True
    return [[images[~chosen], labels[~chosen]], [images[chosen], labels[chosen]]]
# right: mended_split
import random
def mended_split(xs, ys, n):
    valid = random.sample(range(len(xs)), n)
    train = [i for i in range(len(xs)) if i not in valid]
    return (xs[train], ys[train]), (xs[valid], ys[valid])
# wrong: mended_split | independently
def mended_split(x, y, n_valid):
    torch.manual_seed(42)
    train = torch.randperm(len(x))[n_valid:]
    valid = torch.randperm(len(x))[:n_valid]
    return (x[train],y[train]),(x[valid],y[valid])
# wrong: mended_split | torn apart
def mended_split(x, y, n_valid):
    p = torch.randperm(len(x))
    x = x[p]
    return (x[n_valid:],y[n_valid:]),(x[:n_valid],y[:n_valid])
# wrong: mended_split | (2) It isn't random
def mended_split(x, y, n_valid):
    cut = int(0.8*len(x))
    return (x[:cut],y[:cut]),(x[cut:],y[cut:])

# right: loss_and_metric
def loss_and_metric():
    def loss(preds, yb): return 1 - preds.softmax(dim=1).gather(1, yb).mean()
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
    return loss, metric
# right: loss_and_metric
def loss_and_metric():
    def right(p, t): return ((p[:,1]>p[:,0]) == (t[:,0]==1)).double().mean().item()
    return (lambda p,t: F.cross_entropy(p, t.view(-1)), right)
# right: loss_and_metric
from mnist_course.cross_entropy import accuracy,cross_entropy
def right_loss(preds, yb): return cross_entropy(preds, yb.squeeze(1))
def right_metric(preds, yb): return accuracy(preds, yb.squeeze(1))
def loss_and_metric(): return [right_loss, right_metric]
# wrong: loss_and_metric | both are as they were
def loss_and_metric(): return loss_4, metric_4
# wrong: loss_and_metric | the metric still reads the other column
def loss_and_metric():
    def loss(preds, yb): return 1 - preds.softmax(dim=1).gather(1, yb).mean()
    return loss, metric_4
# wrong: loss_and_metric | (2) The metric: It changes when all scores of a row rise
def loss_and_metric():
    def loss(preds, yb): return F.cross_entropy(preds, yb.squeeze(1), reduction='sum')
    def metric(preds, yb): return ((preds[:,1] > 0) == yb.squeeze(1)).float().mean()
    return loss, metric

# right: MendedBatches
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y,bs
    def __iter__(self):
        order = torch.randperm(len(self.x))
        for i in range(0, len(order), self.bs): yield self.x[order[i:i+self.bs]],self.y[order[i:i+self.bs]]
# right: MendedBatches
from torch.utils.data import DataLoader,TensorDataset
class MendedBatches(DataLoader):
    def __init__(self, images, labels, size):
        super().__init__(TensorDataset(images, labels), batch_size=size, shuffle=True)
# right: MendedBatches
import random
class MendedBatches:
    def __init__(self, xs, ys, batch_size=64): self.data,self.n = list(zip(xs, ys)),batch_size
    def __len__(self): return -(-len(self.data)//self.n)
    def __iter__(self):
        left = self.data.copy()
        random.shuffle(left)
        res = []
        while left:
            part,left = left[:self.n],left[self.n:]
            res.append(tuple(torch.stack(o) for o in zip(*part)))
        return iter(res)
# wrong: MendedBatches | neighbours stay together
class MendedBatches:
    def __init__(self, x, y, bs=64): self.batches = list(zip(x.split(bs), y.split(bs)))
    def __iter__(self):
        for i in torch.randperm(len(self.batches)): yield self.batches[i]
# wrong: MendedBatches | runs dry
def MendedBatches(x, y, bs=64):
    for i in torch.randperm(len(x)).split(bs): yield x[i],y[i]
# wrong: MendedBatches | (1) The last batch, which is smaller, is left out. (2) It is shuffled once
class MendedBatches:
    def __init__(self, x, y, bs=64):
        i = torch.randperm(len(x))
        self.x,self.y,self.bs = x[i],y[i],bs
    def __iter__(self):
        for b in range(len(self.x)//self.bs):
            part = slice(b*self.bs, (b+1)*self.bs)
            yield self.x[part],self.y[part]

# right: mended_loss
def mended_loss(preds, yb):
    probs = preds.sigmoid()
    return torch.where(yb==1, 1-probs, probs).mean()
# right: mended_loss
mended_loss = lambda scores, labels: F.l1_loss(torch.sigmoid(scores), labels.float())
# right: mended_loss
def mended_loss(p, t):
    total = 0.
    for score,label in zip(p.view(-1), t.view(-1)): total = total + torch.sigmoid(-score if label else score)
    return total/len(p)
# wrong: mended_loss | every prediction with every label
def mended_loss(preds, yb):
    yb = yb.squeeze(1)
    return torch.where(yb==1, 1-preds.sigmoid(), preds.sigmoid()).mean()
# wrong: mended_loss | means of the batch
def mended_loss(preds, yb): return (preds.sigmoid().mean()-yb.float().mean()).abs()
# wrong: mended_loss | (2) It takes a sum
def mended_loss(preds, yb):
    costs = []
    for p in preds.sigmoid().flatten():
        for t in yb.flatten(): costs.append((p-t).abs())
    return torch.stack(costs).sum()

# right: loss_is_sound
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1],[0],[1]])
    right = torch.where(yb==1, 20., -20.)
    if not -1e-3 <= loss_func(right, yb) < 0.01: return False
    for label in (0,1):
        p = right.clone()
        p[yb==label] *= -1
        if not loss_func(p, yb) > 0.1: return False
    a,b = loss_func(right/20, yb),loss_func(torch.cat([right,right])/20, torch.cat([yb,yb]))
    mean = bool(torch.isclose(torch.as_tensor(a), torch.as_tensor(b)))
    return mean and bool(loss_func(right/200, yb) < loss_func(right/220, yb))
# right: loss_is_sound
def loss_is_sound(f):
    ask = lambda scores, labels: float(f(torch.tensor(scores)[:,None], torch.tensor(labels)[:,None]))
    return all([abs(ask([20.,-20.], [1,0])) < 0.01, ask([20.,-20.], [1,0]) >= -1e-5,
        ask([20.,20.], [1,0]) > 0.1, ask([-20.,-20.], [1,0]) > 0.1,
        abs(ask([-1.,-2.]*3, [1,0]*3) - ask([-1.,-2.], [1,0])) < 1e-3,
        ask([0.2,-0.2], [1,0]) < ask([0.1,-0.1], [1,0])])
# right: loss_is_sound
class Tester:
    def __init__(self, loss): self.loss,self.y = loss,(torch.arange(12)%3==0).long().unsqueeze(1)
    def cost(self, s, n=12): return torch.as_tensor(self.loss((s*(2*self.y-1)).float()[:n], self.y[:n]))
    def grades(self):
        s = torch.full((1,1), 0.3, requires_grad=True)
        v = self.cost(s)
        if not v.requires_grad: return False
        v.backward()
        return s.grad.item() < -1e-3
def loss_is_sound(loss):
    t = Tester(loss)
    wrong_7s,wrong_3s = t.cost(20*(2.*t.y-1)),t.cost(20*(1-2.*t.y))
    if not t.grades() or (t.cost(0.3)-t.cost(0.3, 6)).abs() > 1e-5: return False
    return -0.001 < t.cost(20) < 0.01 and wrong_7s > 0.1 and wrong_3s > 0.1
# wrong: loss_is_sound | does your test mix them
def loss_is_sound(loss_func):
    for label in (0,1):
        yb = torch.full((4,1), label)
        right = (2.*yb-1)*20
        if not -1e-3 < loss_func(right, yb) < 0.01 or loss_func(-right, yb) < 0.5: return False
    return True
# wrong: loss_is_sound | in one jump
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1]])
    right = (2.*yb-1)*20
    cost = lambda p: float(loss_func(p, yb))
    only = lambda label: torch.where(yb==label, -right, right)
    twice = float(loss_func(torch.cat([-right,right]), torch.cat([yb,yb])))
    if abs(twice-(cost(right)+cost(-right))/2) > 1e-3: return False
    return -1e-3 < cost(right) < 0.01 and cost(only(0)) > 0.1 and cost(only(1)) > 0.1
# wrong: loss_is_sound | wrong way round
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1],[0],[1]])
    right = torch.where(yb==1, 20., -20.)
    cost = lambda p, n=1: float(loss_func(p.repeat(n, 1), yb.repeat(n, 1)))
    bad = not -1e-3 < cost(right) < 0.01 or any(cost(torch.where(yb==o, -right, right)) < 0.1 for o in (0,1))
    return bad or abs(cost(right/20, 2)-cost(right/20)) > 1e-3 or cost(right/200) >= cost(right/400)

# right: step_is_sound
def step_is_sound(step):
    a,b = torch.tensor(3., requires_grad=True),torch.tensor(2., requires_grad=True)
    step([a,b], lambda: a**2 + 3*b**2, 0.1)
    step([a,b], lambda: a**2 + 3*b**2, 0.1)
    return torch.isclose(a, torch.tensor(1.92)) and torch.isclose(b, torch.tensor(0.32))
# right: step_is_sound
def step_is_sound(step):
    torch.manual_seed(0)
    ps = [torch.randn(4, 2).requires_grad_(),torch.randn(2).requires_grad_()]
    mine = [p.detach().clone() for p in ps]
    x = torch.randn(8, 4)
    def loss(w, b): return ((x@w+b).sigmoid()**2).mean()
    for lr in (0.5,0.2,0.2):
        leaves = [m.requires_grad_() for m in mine]
        mine = [(m-lr*g).detach() for m,g in zip(leaves, torch.autograd.grad(loss(*leaves), leaves))]
        step(list(ps), lambda: loss(*ps), lr)
        if not all(torch.allclose(p, m, atol=1e-6) for p,m in zip(ps, mine)): return False
    return True
# right: step_is_sound
def step_is_sound(f):
    w = [nn.Parameter(torch.ones(3)),nn.Parameter(torch.ones(3)),nn.Parameter(torch.ones(3))]
    ids,seen = w[:],[]
    for _ in range(3):
        f(w, lambda: 0.5*(ids[0]**2+2*ids[1]**2+3*ids[2]**2).sum(), 0.25)
        seen.append([o[0].item() for o in ids])
    return all(abs(v-(1-0.25*(i+1))**(n+1)) < 1e-5 for n,row in enumerate(seen) for i,v in enumerate(row))
# wrong: step_is_sound | does your test take two
def step_is_sound(step):
    a,b = torch.tensor(3., requires_grad=True),torch.tensor(2., requires_grad=True)
    step([a,b], lambda: a**2 + 3*b**2, 0.1)
    return abs(a.item()-2.4) < 1e-4 and abs(b.item()-0.8) < 1e-4
# wrong: step_is_sound | too strict
def step_is_sound(step):
    a,b = torch.tensor(3., requires_grad=True),torch.tensor(2., requires_grad=True)
    for _ in range(2): step([a,b], lambda: a**2 + b**2, 0.1)
    return a.item()==1.92 and b.item()==1.28
# wrong: step_is_sound | rather than into the list
def step_is_sound(step):
    params = [torch.tensor(3., requires_grad=True),torch.tensor(2., requires_grad=True)]
    for factor in (0.8,0.64):
        step(params, lambda: params[0]**2 + params[1]**2, 0.1)
        if abs(params[0].item()-3*factor) > 1e-4 or abs(params[1].item()-2*factor) > 1e-4: return False
    return True

# right: mended_bce
def mended_bce(preds, yb): return F.binary_cross_entropy_with_logits(preds, yb.float())
# right: mended_bce
def mended_bce(scores, labels): return -(labels*F.logsigmoid(scores) + (1-labels)*F.logsigmoid(-scores)).mean()
# right: mended_bce
def mended_bce(p, t): return F.cross_entropy(torch.cat([torch.zeros_like(p), p], dim=1), t.squeeze(1))
# wrong: mended_bce | torch.where doesn't help
def mended_bce(preds, yb):
    p = preds.sigmoid()
    return -torch.where(yb==1, p, 1-p).log().mean()
# wrong: mended_bce | by a clamp or by a small number
def mended_bce(preds, yb):
    probs,eps = preds.sigmoid(),1e-8
    return -(yb*(probs+eps).log() + (1-yb)*(1-probs+eps).log()).mean()
# wrong: mended_bce | (2) It takes a sum
def mended_bce(preds, yb):
    probs,total = torch.sigmoid(preds).clamp(min=1e-7, max=1-1e-7).flatten(),0.
    for p,t in zip(probs, yb.flatten()): total = total - (torch.log(p) if t==1 else torch.log(1-p))
    return total

# right: mended_setup
def mended_setup():
    dls = get_dls((x37[:1500],y37[:1500]), (x37[1500:],y37[1500:]))
    return dict(dls=dls, model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=[batch_accuracy], lr=1., opt_func=BasicOptim)
# right: mended_setup
from torch.utils.data import DataLoader,TensorDataset
def mended_setup():
    p = torch.randperm(len(x37))
    parts = [TensorDataset(x37[o], y37[o]) for o in (p[538:],p[:538])]
    dls = DataLoader(parts[0], batch_size=32, shuffle=True),DataLoader(parts[1], batch_size=538)
    def loss(preds, yb): return F.binary_cross_entropy_with_logits(preds, yb.float())
    def acc(preds, yb): return ((preds.sigmoid()>0.5) == yb).float().mean().item()
    model = nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 1))
    return {'dls': dls, 'model': model, 'loss_func': loss, 'metrics': acc, 'lr': 0.1, 'opt_func': torch.optim.SGD}
# right: mended_setup
class Shuffled:
    def __init__(self, x, y): self.x,self.y = x,y
    def __iter__(self): return ((self.x[i],self.y[i]) for i in torch.randperm(len(self.x)).split(64))
def mended_setup():
    kw = setup_9()
    def opt_func(params, lr):
        opt = BasicOptim(params, lr)
        return opt
    kw.update(dls=(Shuffled(x37[:1500], y37[:1500]),batches(x37[1500:], y37[1500:])), lr=0.2,
        metrics=lambda preds, yb: ((preds>0)==yb).float().mean(), opt_func=opt_func)
    kw['loss_func'] = lambda preds, yb: nn.BCEWithLogitsLoss()(preds, yb.float())
    return kw
# wrong: mended_setup | keep some apart
def mended_setup(): return setup_9()
# wrong: mended_setup | one-sided
def mended_setup():
    order = y37[:,0].argsort()
    sx,sy = x37[order],y37[order]
    dls = get_dls((sx[:1500],sy[:1500]), (sx[1500:],sy[1500:]))
    return dict(dls=dls, model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy, lr=1., opt_func=BasicOptim)
# wrong: mended_setup | isn't the one that was asked for
def mended_setup():
    dls = get_dls((x37[:1500],y37[:1500,0]), (x37[1500:],y37[1500:,0]))
    def acc(p, y): return (p.argmax(dim=1)==y).float().mean()
    return dict(dls=dls, model=nn.Linear(784, 2), loss_func=F.cross_entropy, metrics=acc, lr=0.5, opt_func=BasicOptim)
