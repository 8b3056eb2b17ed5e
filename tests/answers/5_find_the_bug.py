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
# right: exposing_batch
exposing_batch = lambda: (-F.one_hot(torch.arange(10), 10).roll(1, 0)[:2].flip(0)[[0,0]].float()*0 + torch.eye(10)[[9,9]], torch.tensor([[9.],[9.]]))
# wrong: exposing_batch | how labels are mixed
def exposing_batch():
    yb = torch.arange(10)[:,None]
    return torch.eye(10), yb
# wrong: exposing_batch | how labels are mixed
def exposing_batch():
    preds = torch.zeros(2, 10)
    preds[0,3] = preds[1,7] = 1.
    return preds, torch.tensor([[3],[7]])
# wrong: exposing_batch | not all answers are right
def exposing_batch():
    return torch.eye(10)[[3,3]], torch.tensor([[7],[7]])
# wrong: exposing_batch | column, (n,1)
def exposing_batch():
    yb = torch.tensor([5,5,5])
    return F.one_hot(yb, 10).float(), yb
# wrong: exposing_batch | one image
def exposing_batch(): return torch.eye(10)[:1], torch.tensor([[0]])
# wrong: exposing_batch | wrong order
def exposing_batch():
    yb = torch.full((4,1), 2)
    return yb, torch.eye(10)[[2]*4]
# wrong: exposing_batch | `return` missing
def exposing_batch():
    yb = torch.full((4,1), 2)
    preds = torch.eye(10)[[2]*4]
# wrong: exposing_batch | no pair
def exposing_batch(): return torch.eye(10)[[2]*4]
# wrong: exposing_batch | a row of ten scores
def exposing_batch(): return torch.tensor([[6],[6]]), torch.tensor([[6],[6]])
# wrong: exposing_batch | no largest score
def exposing_batch(): return torch.zeros(3, 10), torch.zeros(3, 1)
# wrong: exposing_batch | still to do
def exposing_batch(): raise NotImplementedError()
# wrong: exposing_batch | raises
def exposing_batch(): return F.one_hot(torch.tensor([[10],[10]]), 10), torch.tensor([[10],[10]])

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
# right: mended_metric
def mended_metric(out, labels): return out.topk(1, dim=1)[1].eq(labels).sum()/len(labels)
# wrong: mended_metric | two faults
def mended_metric(preds, yb):
    errors = preds.softmax(dim=1).argmax(dim=1) == yb
    return 1 - errors.float().mean()
# wrong: mended_metric | share of errors
def mended_metric(preds, yb):
    errors = preds.argmax(dim=1) == yb.squeeze(1)
    return 1 - errors.float().mean()
# wrong: mended_metric | broadcasting compares
def mended_metric(preds, yb): return (preds.argmax(dim=1) == yb).float().mean()
# wrong: mended_metric | broadcasting compares
def mended_metric(preds, yb): return (preds.argmax(dim=1, keepdim=True) == yb.squeeze()).float().mean()
# wrong: mended_metric | share of errors
def mended_metric(preds, yb): return (preds.argmax(dim=1) != yb[:,0]).float().mean()
# wrong: mended_metric | sum for a mean
def mended_metric(preds, yb): return (preds.argmax(dim=1) == yb.view(-1)).sum()
# wrong: mended_metric | no mean is taken
def mended_metric(preds, yb): return preds.argmax(dim=1) == yb.squeeze(1)
# wrong: mended_metric | dim=0
def mended_metric(preds, yb): return (preds.argmax(dim=0) == yb).float().mean()
# wrong: mended_metric | argmax, not max
def mended_metric(preds, yb): return (preds.max(dim=1)[0] == yb.squeeze(1)).float().mean()
# wrong: mended_metric | rounded
def mended_metric(preds, yb): return (preds.round().argmax(dim=1) == yb.squeeze(1)).float().mean()
# wrong: mended_metric | threshold of 0.5
def mended_metric(preds, yb): return (preds.softmax(dim=1)[range(len(yb)),yb.squeeze(1)] > 0.5).float().mean()
# wrong: mended_metric | `return` missing
def mended_metric(preds, yb): (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
# wrong: mended_metric | counts all the pairs
def mended_metric(preds, yb): return (preds.argmax(dim=1) == yb).sum()/len(preds)
# wrong: mended_metric | in place
def mended_metric(preds, yb):
    yb.squeeze_(1)
    return (preds.argmax(dim=1) == yb).float().mean()
# wrong: mended_metric | `column`
def mended_metric(preds, yb): return (preds.argmax(dim=1) == column[:len(preds)].squeeze(1)).float().mean()
# wrong: mended_metric | calls exit
def mended_metric(preds, yb): exit()
# wrong: mended_metric | percentage
def mended_metric(preds, yb): return 100*(preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
# wrong: mended_metric | make them numbers first
def mended_metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).mean()
# wrong: mended_metric | needs dim=1
def mended_metric(preds, yb): return (preds.argmax() == yb).float().mean()

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
# right: mended_validate
def mended_validate(model, valid_dl, metrics):
    print('validating')
    means,sizes = zip(*((float(metrics(model(xb), yb)), float(len(yb))) for xb,yb in valid_dl))
    return torch.tensor(means) @ torch.tensor(sizes) / sum(sizes)
# wrong: mended_validate | batches' means
def mended_validate(model, dl, metric):
    accs = torch.tensor([metric(model(xb), yb) for xb,yb in dl])
    return accs.mean().item()
# wrong: mended_validate | leaves out the last batch
def mended_validate(model, dl, metric):
    accs = [float(metric(model(xb), yb)) for xb,yb in dl][:-1]
    return sum(accs)/max(len(accs), 1)
# wrong: mended_validate | number of batches
def mended_validate(model, dl, metric):
    total = 0
    for xb,yb in dl: total += float(metric(model(xb), yb))*len(xb)
    return total/len(dl)
# wrong: mended_validate | as if all were of one size
def mended_validate(model, dl, metric):
    bs = len(next(iter(dl))[0])
    return sum(float(metric(model(xb), yb))*len(xb) for xb,yb in dl)/(bs*len(dl))
# wrong: mended_validate | unweighed
def mended_validate(model, dl, metric):
    total,n = 0.,0
    for xb,yb in dl:
        total += float(metric(model(xb), yb))
        n += len(yb)
    return total/n
# wrong: mended_validate | gives a sum
def mended_validate(model, dl, metric): return sum(float(metric(model(xb), yb))*len(yb) for xb,yb in dl)
# wrong: mended_validate | last batch only
def mended_validate(model, dl, metric):
    for xb,yb in dl: acc = metric(model(xb), yb)
    return acc
# wrong: mended_validate | first batch only
def mended_validate(model, dl, metric):
    for xb,yb in dl: return metric(model(xb), yb)
# wrong: mended_validate | accuracy of its own
def mended_validate(model, dl, metric):
    hits,n = 0,0
    for xb,yb in dl:
        hits += ((model(xb)>0)==yb).sum().item()
        n += len(yb)
    return hits/n
# wrong: mended_validate | smaller than the first
def mended_validate(model, dl, metric):
    bs = len(next(iter(dl))[1])
    accs = [float(metric(model(xb), yb)) for xb,yb in dl if len(yb)==bs]
    return sum(accs)/len(accs)
# wrong: mended_validate | `return` missing
def mended_validate(model, dl, metric):
    total = sum(metric(model(xb), yb)*len(yb) for xb,yb in dl)
# wrong: mended_validate | doesn't ask the model
def mended_validate(model, dl, metric):
    total,n = 0.,0
    for xb,yb in dl:
        total += float(metric(xb, yb))*len(yb)
        n += len(yb)
    return total/n
# wrong: mended_validate | AttributeError
def mended_validate(model, dl, metric): return sum(metric(model(xb), yb)*len(yb) for xb,yb in dl)/len(dl.dataset)
# wrong: mended_validate | never ends
def mended_validate(model, dl, metric):
    n = 0
    while n<len(dl.copy()): batch = dl[n]
# wrong: mended_validate | divided twice
def mended_validate(model, dl, metric):
    accs = torch.tensor([float(metric(model(xb), yb)) for xb,yb in dl])
    ns = torch.tensor([len(yb) for _,yb in dl])
    return (accs*ns).mean()/ns.sum()

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
# right: mended_split
def mended_split(x, y, n_valid):
    g = torch.Generator().manual_seed(42)
    p = torch.randperm(len(x), generator=g)
    x,y = x[p],y[p]
    return (x[:-n_valid],y[:-n_valid]),(x[-n_valid:],y[-n_valid:])
# wrong: mended_split | independently
def mended_split(x, y, n_valid):
    torch.manual_seed(42)
    train = torch.randperm(len(x))[n_valid:]
    valid = torch.randperm(len(x))[:n_valid]
    return (x[train],y[train]),(x[valid],y[valid])
# wrong: mended_split | still holds all images
def mended_split(x, y, n_valid):
    valid = torch.randperm(len(x))[:n_valid]
    return (x,y),(x[valid],y[valid])
# wrong: mended_split | isn't random
def mended_split(x, y, n_valid): return (x[:-n_valid],y[:-n_valid]),(x[-n_valid:],y[-n_valid:])
# wrong: mended_split | torn apart
def mended_split(x, y, n_valid):
    px,py = torch.randperm(len(x)),torch.randperm(len(y))
    return (x[px[n_valid:]],y[py[n_valid:]]),(x[px[:n_valid]],y[py[:n_valid]])
# wrong: mended_split | wrong way round
def mended_split(x, y, n_valid):
    p = torch.randperm(len(x))
    return (x[p[:n_valid]],y[p[:n_valid]]),(x[p[n_valid:]],y[p[n_valid:]])
# wrong: mended_split | sizes are wrong
def mended_split(x, y, n_valid):
    p = torch.randperm(len(x))
    cut = int(0.8*len(x))
    return (x[p[:cut]],y[p[:cut]]),(x[p[cut:]],y[p[cut:]])
# wrong: mended_split | pair of pairs
def mended_split(x, y, n_valid):
    p = torch.randperm(len(x))
    return x[p[n_valid:]],y[p[n_valid:]],x[p[:n_valid]],y[p[:n_valid]]
# wrong: mended_split | drawn with replacement
def mended_split(x, y, n_valid):
    valid = torch.randint(0, n_valid, (n_valid,))
    train = torch.randint(n_valid, len(x), (len(x)-n_valid,))
    return (x[train],y[train]),(x[valid],y[valid])
# wrong: mended_split | torn apart
def mended_split(x, y, n_valid):
    p = torch.randperm(len(x))
    x = x[p]
    return (x[n_valid:],y[n_valid:]),(x[:n_valid],y[:n_valid])
# wrong: mended_split | pair of pairs
def mended_split(x, y, n_valid):
    p = torch.randperm(len(x))
    ds = [(x[i],y[i]) for i in p]
    return ds[n_valid:],ds[:n_valid]
# wrong: mended_split | `return` missing
def mended_split(x, y, n_valid):
    p = torch.randperm(len(x))
    train,valid = (x[p[n_valid:]],y[p[n_valid:]]),(x[p[:n_valid]],y[p[:n_valid]])
# wrong: mended_split | aren't split alike
def mended_split(x, y, n_valid):
    p = torch.randperm(len(x))
    return (x[p[n_valid:]],y),(x[p[:n_valid]],y)
# wrong: mended_split | independently
def mended_split(x, y, n_valid):
    train = torch.randint(0, len(x), (len(x)-n_valid,))
    valid = torch.randperm(len(x))[:n_valid]
    return (x[train],y[train]),(x[valid],y[valid])
# wrong: mended_split | changes its argument x
def mended_split(x, y, n_valid):
    p = torch.randperm(len(x))
    x[:],y[:] = x[p].clone(),y[p].clone()
    return (x[n_valid:],y[n_valid:]),(x[:n_valid],y[:n_valid])
# wrong: mended_split | the cuts overlap
def mended_split(x, y, n_valid):
    p = torch.randperm(len(x))
    return (x[p[:-n_valid]],y[p[:-n_valid]]),(x[p[:n_valid]],y[p[:n_valid]])
# wrong: mended_split | independently
def mended_split(x, y, n_valid): return split_3(x, y, n_valid)

# right: loss_and_metric
def loss_and_metric():
    def loss(preds, yb): return 1 - preds.softmax(dim=1).gather(1, yb).mean()
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
    return loss, metric
# right: loss_and_metric
def loss_and_metric():
    return (lambda p,t: F.cross_entropy(p, t.view(-1)), lambda p,t: ((p[:,1]>p[:,0]) == (t[:,0]==1)).double().mean().item())
# right: loss_and_metric
from mnist_course.cross_entropy import accuracy,cross_entropy
def right_loss(preds, yb): return cross_entropy(preds, yb.squeeze(1))
def right_metric(preds, yb): return accuracy(preds, yb.squeeze(1))
def loss_and_metric(): return [right_loss, right_metric]
# right: loss_and_metric
def loss_and_metric():
    def loss(preds, yb): return -preds.softmax(dim=1)[torch.arange(len(yb)),yb.squeeze()].mean()
    def metric(preds, yb): return sum(float(row.softmax(0)[label]>0.5) for row,(label,) in zip(preds, yb))/len(yb)
    return loss, metric
# wrong: loss_and_metric | both are as they were
def loss_and_metric(): return loss_4, metric_4
# wrong: loss_and_metric | the metric still reads the other column
def loss_and_metric():
    def loss(preds, yb): return 1 - preds.softmax(dim=1).gather(1, yb).mean()
    return loss, metric_4
# wrong: loss_and_metric | its sign is wrong
def loss_and_metric():
    def metric(preds, yb): return ((preds.softmax(dim=1)[:,1] > 0.5) == yb.squeeze(1)).float().mean()
    return loss_4, metric
# wrong: loss_and_metric | its sign is wrong
def loss_and_metric():
    def loss(preds, yb): return preds.log_softmax(dim=1)[range(len(yb)),yb.squeeze(1)].mean()
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
    return loss, metric
# wrong: loss_and_metric | (n,) meet labels (n,1)
def loss_and_metric():
    def loss(preds, yb): return 1 - preds.softmax(dim=1).gather(1, yb).mean()
    def metric(preds, yb): return (preds.argmax(dim=1) == yb).float().mean()
    return loss, metric
# wrong: loss_and_metric | softmax and then log
def loss_and_metric():
    def loss(preds, yb): return -preds.softmax(dim=1).log().gather(1, yb).mean()
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
    return loss, metric
# wrong: loss_and_metric | softmax is missing
def loss_and_metric():
    def loss(preds, yb): return -preds.gather(1, yb).mean()
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
    return loss, metric
# wrong: loss_and_metric | softmax applied twice
def loss_and_metric():
    def loss(preds, yb): return F.cross_entropy(preds.softmax(dim=1), yb.squeeze(1))
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
    return loss, metric
# wrong: loss_and_metric | a sum
def loss_and_metric():
    def loss(preds, yb): return (1 - preds.softmax(dim=1).gather(1, yb)).sum()
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
    return loss, metric
# wrong: loss_and_metric | meets the labels of others
def loss_and_metric():
    def loss(preds, yb):
        probs = preds.softmax(dim=1)[:,1]
        return torch.where(yb==1, 1-probs, probs).mean()
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
    return loss, metric
# wrong: loss_and_metric | threshold for one column
def loss_and_metric():
    def loss(preds, yb): return F.cross_entropy(preds, yb.squeeze(1))
    def metric(preds, yb): return ((preds[:,1]>0) == yb.squeeze(1)).float().mean()
    return loss, metric
# wrong: loss_and_metric | no gradient
def loss_and_metric():
    def loss(preds, yb): return 1 - preds.softmax(dim=1).gather(1, yb).mean().item()
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
    return loss, metric
# wrong: loss_and_metric | uncalled
def loss_and_metric(preds=torch.zeros(4, 2), yb=torch.ones(4, 1).long()):
    return 1 - preds.softmax(dim=1).gather(1, yb).mean(), (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
# wrong: loss_and_metric | `return` missing
def loss_and_metric():
    def loss(preds, yb): return F.cross_entropy(preds, yb.squeeze(1))
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
# wrong: loss_and_metric | the metric doesn't return one number
def loss_and_metric():
    def loss(preds, yb): return F.cross_entropy(preds, yb.squeeze(1))
    def metric(preds, yb): return preds.argmax(dim=1) == yb.squeeze(1)
    return loss, metric
# wrong: loss_and_metric | right by little
def loss_and_metric():
    def loss(preds, yb): return F.cross_entropy(preds, yb.squeeze(1))
    def metric(preds, yb): return (preds.round().argmax(dim=1) == yb.squeeze(1)).float().mean()
    return loss, metric
# wrong: loss_and_metric | no gradient
def loss_and_metric():
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
    def loss(preds, yb): return 1 - metric(preds, yb)
    return loss, metric
# wrong: loss_and_metric | a squeeze(1) missing
def loss_and_metric():
    def loss(preds, yb): return F.cross_entropy(preds, yb)
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
    return loss, metric
# wrong: loss_and_metric | a sum for a mean
def loss_and_metric():
    def loss(preds, yb): return 1 - loss_4(preds, yb)
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).sum()
    return loss, metric
# wrong: loss_and_metric | meets the labels of others
def loss_and_metric():
    def loss(preds, yb): return 1 - preds.softmax(dim=1)[:,yb].mean()
    def metric(preds, yb): return (preds.argmax(dim=1) == yb.squeeze(1)).float().mean()
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
    def __init__(self, images, labels, size): super().__init__(TensorDataset(images, labels), batch_size=size, shuffle=True)
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
# right: MendedBatches
from fastai.data.load import DataLoader
def MendedBatches(x, y, bs=64): return DataLoader(list(zip(x, y)), bs=bs, shuffle=True)
# wrong: MendedBatches | neighbours stay together
class MendedBatches:
    def __init__(self, x, y, bs=64): self.batches = list(zip(x.split(bs), y.split(bs)))
    def __iter__(self):
        for i in torch.randperm(len(self.batches)): yield self.batches[i]
# wrong: MendedBatches | nothing is shuffled
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y,bs
    def __iter__(self): return zip(self.x.split(self.bs), self.y.split(self.bs))
# wrong: MendedBatches | shuffled once
class MendedBatches:
    def __init__(self, x, y, bs=64):
        p = torch.randperm(len(x))
        self.x,self.y,self.bs = x[p],y[p],bs
    def __iter__(self):
        for i in range(0, len(self.x), self.bs): yield self.x[i:i+self.bs],self.y[i:i+self.bs]
# wrong: MendedBatches | shuffled once
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y,bs
    def __iter__(self):
        torch.manual_seed(42)
        for i in torch.randperm(len(self.x)).split(self.bs): yield self.x[i],self.y[i]
# wrong: MendedBatches | last batch, which is smaller, is left out
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y,bs
    def __iter__(self):
        p = torch.randperm(len(self.x))
        for i in range(len(self.x)//self.bs):
            j = p[i*self.bs:(i+1)*self.bs]
            yield self.x[j],self.y[j]
# wrong: MendedBatches | with replacement
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y,bs
    def __iter__(self):
        for i in torch.randint(0, len(self.x), (len(self.x),)).split(self.bs): yield self.x[i],self.y[i]
# wrong: MendedBatches | torn apart
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y,bs
    def __iter__(self):
        x,y = self.x[torch.randperm(len(self.x))],self.y[torch.randperm(len(self.y))]
        return zip(x.split(self.bs), y.split(self.bs))
# wrong: MendedBatches | x is paired with x
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y,bs
    def __iter__(self):
        for i in torch.randperm(len(self.x)).split(self.bs): yield self.x[i],self.x[i]
# wrong: MendedBatches | runs dry
def MendedBatches(x, y, bs=64):
    for i in torch.randperm(len(x)).split(bs): yield x[i],y[i]
# wrong: MendedBatches | single items
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y = x,y
    def __iter__(self):
        for i in torch.randperm(len(self.x)): yield self.x[i],self.y[i]
# wrong: MendedBatches | neighbours stay together
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y,bs
    def __iter__(self):
        for i in torch.arange(len(self.x)).split(self.bs):
            i = i[torch.randperm(len(i))]
            yield self.x[i],self.y[i]
# wrong: MendedBatches | wrong sizes
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y = x,y
    def __iter__(self):
        for i in torch.randperm(len(self.x)).split(64): yield self.x[i],self.y[i]
# wrong: MendedBatches | lose their shape
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y.squeeze(1),bs
    def __iter__(self):
        for i in torch.randperm(len(self.x)).split(self.bs): yield self.x[i],self.y[i]
# wrong: MendedBatches | TypeError
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y,bs
# wrong: MendedBatches | doesn't come back
class MendedBatches:
    def __init__(self, x, y, bs=64): self.x,self.y,self.bs = x,y,bs
    def __iter__(self):
        p,i = torch.randperm(len(self.x)),0
        while i<len(p):
            if len(self.x)<i: i += self.bs
        yield self.x[p],self.y[p]

# right: mended_loss
def mended_loss(preds, yb):
    probs = preds.sigmoid()
    return torch.where(yb==1, 1-probs, probs).mean()
# right: mended_loss
mended_loss = lambda scores, labels: F.l1_loss(torch.sigmoid(scores), labels.float())
# right: mended_loss
def mended_loss(p, t):
    total = 0.
    for score,label in zip(p.view(-1), t.view(-1)): total = total + (torch.sigmoid(-score) if label else torch.sigmoid(score))
    return total/len(p)
# right: mended_loss
def mended_loss(logits, targets):
    flat = 1/(1+torch.exp(-logits.squeeze(1)))
    return (flat*(1-2*targets.squeeze(1)) + targets.squeeze(1)).sum()/len(flat)
# wrong: mended_loss | distance of every one from every label
def mended_loss(preds, yb):
    probs = preds.squeeze(1).sigmoid()
    return (probs - yb).abs().mean()
# wrong: mended_loss | distance of every one from every label
def mended_loss(preds, yb):
    yb = yb.squeeze(1)
    return torch.where(yb==1, 1-preds.sigmoid(), preds.sigmoid()).mean()
# wrong: mended_loss | sigmoid is missing
def mended_loss(preds, yb): return torch.where(yb==1, 1-preds, preds).mean()
# wrong: mended_loss | applied twice
def mended_loss(preds, yb): return mnist_loss(preds.sigmoid(), yb)
# wrong: mended_loss | adds up
def mended_loss(preds, yb): return (preds.sigmoid()-yb).abs().sum()
# wrong: mended_loss | rises as answers get better
def mended_loss(preds, yb):
    probs = preds.sigmoid()
    return torch.where(yb==1, probs, 1-probs).mean()
# wrong: mended_loss | squared
def mended_loss(preds, yb): return F.mse_loss(preds.sigmoid(), yb.float())
# wrong: mended_loss | no gradient
def mended_loss(preds, yb): return (preds.sigmoid()-yb).abs().mean().item()
# wrong: mended_loss | for each image
def mended_loss(preds, yb): return (preds.sigmoid()-yb).abs()
# wrong: mended_loss | left with their sign
def mended_loss(preds, yb): return (preds.sigmoid()-yb).mean()
# wrong: mended_loss | cross-entropy
def mended_loss(preds, yb): return F.binary_cross_entropy(preds.sigmoid(), yb.float())
# wrong: mended_loss | `return` missing
def mended_loss(preds, yb): (preds.sigmoid()-yb).abs().mean()
# wrong: mended_loss | means of the batch
def mended_loss(preds, yb): return (preds.sigmoid().mean()-yb.float().mean()).abs()
# wrong: mended_loss | in place
def mended_loss(preds, yb):
    preds.data.sigmoid_()
    return (preds-yb).abs().mean()
# wrong: mended_loss | no gradient
def mended_loss(preds, yb): return ((preds>0) != (yb==1)).float().mean()

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
    return bool(torch.isclose(torch.as_tensor(a), torch.as_tensor(b))) and bool(loss_func(right/200, yb) < loss_func(right/220, yb))
# right: loss_is_sound
def loss_is_sound(f):
    ask = lambda scores, labels: float(f(torch.tensor(scores)[:,None], torch.tensor(labels)[:,None]))
    return all([abs(ask([20.,-20.], [1,0])) < 0.01, ask([20.,-20.], [1,0]) >= -1e-5, ask([20.,20.], [1,0]) > 0.1, ask([-20.,-20.], [1,0]) > 0.1,
        abs(ask([-1.,-2.]*3, [1,0]*3) - ask([-1.,-2.], [1,0])) < 1e-3, ask([0.2,-0.2], [1,0]) < ask([0.1,-0.1], [1,0])])
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
    return -0.001 < t.cost(20) < 0.01 and wrong_7s > 0.1 and wrong_3s > 0.1 and t.grades() and (t.cost(0.3)-t.cost(0.3, 6)).abs() < 1e-5
# wrong: loss_is_sound | finds no fault at all
def loss_is_sound(loss_func): return True
# wrong: loss_is_sound | rejects a sound one
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0]])
    return bool(loss_func(torch.tensor([[20.],[-20.]]), yb) < 0)
# wrong: loss_is_sound | how low it can go
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1]])
    right = torch.tensor([[20.],[-20.],[20.]])
    return bool(loss_func(right, yb) < loss_func(-right, yb))
# wrong: loss_is_sound | compares exactly
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1]])
    right = torch.tensor([[5.],[-5.],[5.]])
    return bool(loss_func(right, yb) == 0) and bool(loss_func(-right, yb) > 0)
# wrong: loss_is_sound | may cost more than 1
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1]])
    right = torch.tensor([[20.],[-20.],[20.]])
    return abs(loss_func(right, yb)) < 0.01 and abs(loss_func(-right, yb)-1) < 0.01
# wrong: loss_is_sound | does your test mix them
def loss_is_sound(loss_func):
    for label in (0,1):
        yb = torch.full((4,1), label)
        right = (2.*yb-1)*20
        if not -1e-3 < loss_func(right, yb) < 0.01 or loss_func(-right, yb) < 0.5: return False
    return True
# wrong: loss_is_sound | 7 costs nothing
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1]])
    right = (2.*yb-1)*20
    return -1e-3 < loss_func(right, yb) < 0.01 and bool(loss_func(-right, yb) > 0.1)
# wrong: loss_is_sound | costs double
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1]])
    right = (2.*yb-1)*20
    cost = lambda p: float(loss_func(p, yb))
    only = lambda label: torch.where(yb==label, -right, right)
    return -1e-3 < cost(right) < 0.01 and cost(only(0)) > 0.1 and cost(only(1)) > 0.1 and cost(right/200) < cost(right/400)
# wrong: loss_is_sound | costs double
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1]])
    right = (2.*yb-1)*20
    cost = lambda p: float(loss_func(p, yb))
    only = lambda label: torch.where(yb==label, -right, right)
    twice = float(loss_func(torch.cat([right,right]), torch.cat([yb,yb])))
    return -1e-3 < cost(right) < 0.01 and cost(only(0)) > 0.1 and cost(only(1)) > 0.1 and abs(twice-cost(right)) < 1e-3
# wrong: loss_is_sound | in one jump
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1]])
    right = (2.*yb-1)*20
    cost = lambda p: float(loss_func(p, yb))
    only = lambda label: torch.where(yb==label, -right, right)
    twice = float(loss_func(torch.cat([-right,right]), torch.cat([yb,yb])))
    return -1e-3 < cost(right) < 0.01 and cost(only(0)) > 0.1 and cost(only(1)) > 0.1 and abs(twice-(cost(right)+cost(-right))/2) < 1e-3
# wrong: loss_is_sound | what perfect predictions cost
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1]])
    right = (2.*yb-1)*20
    return bool(0 <= loss_func(right, yb) < loss_func(0*right, yb) < loss_func(-right, yb))
# wrong: loss_is_sound | scores aren't sure
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1]])
    right = (2.*yb-1)*2
    return bool(0 <= loss_func(right, yb) < 0.01 and loss_func(-right, yb) > 0.5)
# wrong: loss_is_sound | wrong way round
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1],[0],[1]])
    right = torch.where(yb==1, 20., -20.)
    cost = lambda p, n=1: float(loss_func(p.repeat(n, 1), yb.repeat(n, 1)))
    bad = not -1e-3 < cost(right) < 0.01 or any(cost(torch.where(yb==o, -right, right)) < 0.1 for o in (0,1))
    return bad or abs(cost(right/20, 2)-cost(right/20)) > 1e-3 or cost(right/200) >= cost(right/400)
# wrong: loss_is_sound | `return` missing
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1]])
    right = torch.tensor([[20.],[-20.],[20.]])
    loss_func(right, yb) < 0.01 and loss_func(-right, yb) > 0.1
# wrong: loss_is_sound | return True or False
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[0],[1]])
    return loss_func(torch.tensor([[20.],[-20.],[20.]]), yb)
# wrong: loss_is_sound | finds no fault at all
def loss_is_sound(loss_func):
    yb = torch.tensor([[1],[1],[1]])
    return bool(loss_func(torch.tensor([[0.],[0.],[0.]]), yb) < 3)
# wrong: loss_is_sound | raises
def loss_is_sound(loss_func):
    yb = torch.tensor([1,0,1])
    return bool(loss_func(torch.tensor([20,-20,20]), yb[:2]) < 0.01)

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
# wrong: step_is_sound | finds no fault at all
def step_is_sound(step): return True
# wrong: step_is_sound | does your test take two
def step_is_sound(step):
    a,b = torch.tensor(3., requires_grad=True),torch.tensor(2., requires_grad=True)
    step([a,b], lambda: a**2 + 3*b**2, 0.1)
    return abs(a.item()-2.4) < 1e-4 and abs(b.item()-0.8) < 1e-4
# wrong: step_is_sound | ignores lr
def step_is_sound(step):
    a,b = torch.tensor(3., requires_grad=True),torch.tensor(2., requires_grad=True)
    for _ in range(2): step([a,b], lambda: a**2/4 + b**2/4, 1.)
    return abs(a.item()-0.75) < 1e-4 and abs(b.item()-0.5) < 1e-4
# wrong: step_is_sound | moves only the first parameter
def step_is_sound(step):
    a = torch.tensor(3., requires_grad=True)
    b = torch.tensor(2., requires_grad=True)
    for want in (2.4,1.92):
        step([a,b], lambda: a**2 + b**2, 0.1)
        if abs(a.item()-want) > 1e-4: return False
    return True
# wrong: step_is_sound | only the first parameter's gradient is cleared
def step_is_sound(step):
    a,b = torch.tensor(3., requires_grad=True),torch.tensor(2., requires_grad=True)
    step([a,b], lambda: a**2 + b**2, 0.1)
    if abs(b.item()-1.6) > 1e-4: return False
    step([a,b], lambda: a**2 + b**2, 0.1)
    return abs(a.item()-1.92) < 1e-4
# wrong: step_is_sound | whatever the size of the gradient
def step_is_sound(step):
    a,b = torch.tensor([3.], requires_grad=True),torch.tensor([-1.], requires_grad=True)
    loss = lambda: (a**2 + b**2).sum()
    losses = [loss().item()]
    for _ in range(3):
        step([a,b], loss, 0.1)
        losses.append(loss().item())
    return losses[0] > losses[1] > losses[2] > losses[3] > 0
# wrong: step_is_sound | gradient of this step is still there
def step_is_sound(step):
    a,b = torch.tensor([3.], requires_grad=True),torch.tensor([-1.], requires_grad=True)
    step([a,b], lambda: (a**2 + b**2).sum(), 0.1)
    return bool(a.grad is not None and a.grad==0 and b.grad==0)
# wrong: step_is_sound | gradient of this step is still there
def step_is_sound(step):
    a,b = torch.tensor([3.], requires_grad=True),torch.tensor([-1.], requires_grad=True)
    for factor in (0.8,0.64):
        step([a,b], lambda: (a**2 + b**2).sum(), 0.1)
        if abs(a.item()-3*factor) > 1e-4 or abs(b.item()+factor) > 1e-4: return False
        if a.grad is not None and a.grad.any(): return False
    return True
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
# wrong: step_is_sound | whatever the size of the gradient
def step_is_sound(step):
    a,b = torch.tensor(3., requires_grad=True),torch.tensor(2., requires_grad=True)
    for n in (1,2):
        step([a,b], lambda: a+b, 0.1)
        if abs(a.item()-(3-0.1*n)) > 1e-4 or abs(b.item()-(2-0.1*n)) > 1e-4: return False
    return True
# wrong: step_is_sound | wrong way round
def step_is_sound(step):
    a,b = torch.tensor([3.], requires_grad=True),torch.tensor([-1.], requires_grad=True)
    for factor in (0.8,0.64):
        step([a,b], lambda: (a**2 + b**2).sum(), 0.1)
        if abs(a.item()-3*factor) > 1e-4 or abs(b.item()+factor) > 1e-4: return True
    return False
# wrong: step_is_sound | `return` missing
def step_is_sound(step):
    a,b = torch.tensor(3., requires_grad=True),torch.tensor(2., requires_grad=True)
    for _ in range(2): step([a,b], lambda: a**2 + b**2, 0.1)
    abs(a.item()-1.92) < 1e-4
# wrong: step_is_sound | raises
def step_is_sound(step):
    a = torch.tensor(3., requires_grad=True)
    step(a, a**2, 0.1)
    return a.item()==2.4
# wrong: step_is_sound | too strict
def step_is_sound(step):
    a,b = torch.tensor(3., requires_grad=True),torch.tensor(2., requires_grad=True)
    step([a,b], lambda: a**2 + b**2, 0.1)
    return a is None

# right: mended_bce
def mended_bce(preds, yb): return F.binary_cross_entropy_with_logits(preds, yb.float())
# right: mended_bce
def mended_bce(scores, labels): return -(labels*F.logsigmoid(scores) + (1-labels)*F.logsigmoid(-scores)).mean()
# right: mended_bce
def mended_bce(p, t): return F.cross_entropy(torch.cat([torch.zeros_like(p), p], dim=1), t.squeeze(1))
# right: mended_bce
def mended_bce(logits, y): return (F.softplus(logits) - y*logits).sum()/len(logits)
# right: mended_bce
def mended_bce(preds, yb): return (torch.logaddexp(torch.zeros_like(preds), preds) - yb*preds).mean()
# wrong: mended_bce | in one go
def mended_bce(preds, yb):
    p = torch.sigmoid(preds)
    return (-yb*torch.log(p) - (1-yb)*torch.log(1-p)).mean()
# wrong: mended_bce | torch.where doesn't help
def mended_bce(preds, yb):
    p = preds.sigmoid()
    return -torch.where(yb==1, p, 1-p).log().mean()
# wrong: mended_bce | torch.where doesn't help
def mended_bce(preds, yb):
    p = preds.sigmoid()
    return torch.where(yb==1, -p.log(), -(1-p).log()).mean()
# wrong: mended_bce | by a clamp or by a small number
def mended_bce(preds, yb):
    probs = preds.sigmoid().clamp(1e-7, 1-1e-7)
    return -(yb*probs.log() + (1-yb)*(1-probs).log()).mean()
# wrong: mended_bce | by a clamp or by a small number
def mended_bce(preds, yb):
    probs,eps = preds.sigmoid(),1e-8
    return -(yb*(probs+eps).log() + (1-yb)*(1-probs+eps).log()).mean()
# wrong: mended_bce | covered up
def mended_bce(preds, yb):
    probs = preds.sigmoid()
    return (-(yb*probs.log() + (1-yb)*(1-probs).log())).mean().nan_to_num()
# wrong: mended_bce | scores are cut off
def mended_bce(preds, yb): return F.binary_cross_entropy_with_logits(preds.clamp(-50, 50), yb.float())
# wrong: mended_bce | scores are cut off
def mended_bce(preds, yb):
    probs = preds.clamp(-10, 10).sigmoid()
    return -(yb*probs.log() + (1-yb)*(1-probs).log()).mean()
# wrong: mended_bce | hands PyTorch probabilities
def mended_bce(preds, yb): return nn.BCELoss()(preds.sigmoid(), yb.float())
# wrong: mended_bce | more digits
def mended_bce(preds, yb):
    probs = preds.double().sigmoid()
    return -(yb*probs.log() + (1-yb)*(1-probs).log()).mean().float()
# wrong: mended_bce | applied twice
def mended_bce(preds, yb): return F.binary_cross_entropy_with_logits(preds.sigmoid(), yb.float())
# wrong: mended_bce | above 88
def mended_bce(preds, yb): return (torch.log(1+torch.exp(preds)) - yb*preds).mean()
# wrong: mended_bce | adds up
def mended_bce(preds, yb): return F.binary_cross_entropy_with_logits(preds, yb.float(), reduction='sum')
# wrong: mended_bce | its sign is wrong
def mended_bce(preds, yb): return (yb*F.logsigmoid(preds) + (1-yb)*F.logsigmoid(-preds)).mean()
# wrong: mended_bce | term for label 0 is missing
def mended_bce(preds, yb): return -(yb*F.logsigmoid(preds)).mean()
# wrong: mended_bce | labels are exchanged
def mended_bce(preds, yb): return -F.logsigmoid(torch.where(yb==1, -preds, preds)).mean()
# wrong: mended_bce | no gradient
def mended_bce(preds, yb): return F.binary_cross_entropy_with_logits(preds, yb.float()).item()
# wrong: mended_bce | `return` missing
def mended_bce(preds, yb): loss = F.binary_cross_entropy_with_logits(preds, yb.float())
# wrong: mended_bce | by a clamp or by a small number
def mended_bce(preds, yb):
    p = preds.sigmoid()
    return -(yb*torch.log(p+1e-12) + (1-yb)*torch.log(1-p+1e-12)).mean()
# wrong: mended_bce | mnist_loss
def mended_bce(preds, yb): return mnist_loss(preds, yb)
# wrong: mended_bce | by a clamp or by a small number
def mended_bce(preds, yb):
    q = preds.sigmoid()
    q = torch.where(q==0, 1e-7, q)
    q = torch.where(q==1, 1-1e-7, q)
    return -(yb*q.log() + (1-yb)*(1-q).log()).mean()
# wrong: mended_bce | 0 times infinity
def mended_bce(preds, yb): return -(yb*preds.sigmoid().log() + (1-yb)*(-preds).sigmoid().log()).mean()
# wrong: mended_bce | .float() missing
def mended_bce(preds, yb): return F.binary_cross_entropy_with_logits(preds, yb)
# wrong: mended_bce | broadcasting
def mended_bce(preds, yb): return F.softplus((1-2*yb.squeeze(1))*preds).mean()
# wrong: mended_bce | cut off
def mended_bce(preds, yb): return loss_8(preds, yb).clamp(max=100)

# right: mended_setup
def mended_setup():
    return dict(dls=get_dls((x37[:1500],y37[:1500]), (x37[1500:],y37[1500:])), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=[batch_accuracy], lr=1., opt_func=BasicOptim)
# right: mended_setup
from torch.utils.data import DataLoader,TensorDataset
def mended_setup():
    p = torch.randperm(len(x37))
    parts = [TensorDataset(x37[o], y37[o]) for o in (p[538:],p[:538])]
    dls = DataLoader(parts[0], batch_size=32, shuffle=True),DataLoader(parts[1], batch_size=538)
    def loss(preds, yb): return F.binary_cross_entropy_with_logits(preds, yb.float())
    def acc(preds, yb): return ((preds.sigmoid()>0.5) == yb).float().mean().item()
    return {'dls': dls, 'model': nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 1)), 'loss_func': loss, 'metrics': acc, 'lr': 0.1, 'opt_func': torch.optim.SGD}
# right: mended_setup
class Shuffled:
    def __init__(self, x, y): self.x,self.y = x,y
    def __iter__(self): return ((self.x[i],self.y[i]) for i in torch.randperm(len(self.x)).split(64))
def mended_setup():
    kw = setup_9()
    def opt_func(params, lr):
        opt = BasicOptim(params, lr)
        return opt
    kw.update(dls=(Shuffled(x37[:1500], y37[:1500]),batches(x37[1500:], y37[1500:])), loss_func=nn.BCEWithLogitsLoss(), lr=0.2,
        metrics=lambda preds, yb: ((preds>0)==yb).float().mean(), opt_func=opt_func)
    kw['loss_func'] = lambda preds, yb: nn.BCEWithLogitsLoss()(preds, yb.float())
    return kw
# right: mended_setup
from fastai.optimizer import Adam
def mended_setup():
    return dict(dls=get_dls((x37[:1500],y37[:1500]), (x37[1500:],y37[1500:]), bs=64), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy, lr=0.01, opt_func=Adam)
# wrong: mended_setup | keep some apart
def mended_setup():
    return dict(dls=get_dls((x37,y37), (x37[1500:],y37[1500:])), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy, lr=1., opt_func=BasicOptim)
# wrong: mended_setup | keep some apart
def mended_setup(): return setup_9()
# wrong: mended_setup | come sorted
def mended_setup():
    order = y37[:1500,0].argsort()
    return dict(dls=(batches(x37[:1500][order], y37[:1500][order]),batches(x37[1500:], y37[1500:])), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy, lr=1., opt_func=BasicOptim)
# wrong: mended_setup | sigmoid is missing
def mended_setup():
    return dict(dls=get_dls((x37[:1500],y37[:1500]), (x37[1500:],y37[1500:])), model=nn.Linear(784, 1), loss_func=loss_9, metrics=batch_accuracy, lr=0.001, opt_func=BasicOptim)
# wrong: mended_setup | threshold at 0
def mended_setup():
    return dict(dls=get_dls((x37[:1500],y37[:1500]), (x37[1500:],y37[1500:])), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=metric_9, lr=1., opt_func=BasicOptim)
# wrong: mended_setup | they add up
def mended_setup():
    return dict(dls=get_dls((x37[:1500],y37[:1500]), (x37[1500:],y37[1500:])), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy, lr=1., opt_func=opt_9)
# wrong: mended_setup | hardly moves
def mended_setup():
    return dict(dls=get_dls((x37[:1500],y37[:1500]), (x37[1500:],y37[1500:])), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy, lr=0.00001, opt_func=BasicOptim)
# wrong: mended_setup | one-sided
def mended_setup():
    order = y37[:,0].argsort()
    sx,sy = x37[order],y37[order]
    return dict(dls=get_dls((sx[:1500],sy[:1500]), (sx[1500:],sy[1500:])), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy, lr=1., opt_func=BasicOptim)
# wrong: mended_setup | left out
def mended_setup():
    return dict(dls=get_dls((x37[:500],y37[:500]), (x37[1500:],y37[1500:])), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy, lr=1., opt_func=BasicOptim)
# wrong: mended_setup | all of them and no others
def mended_setup():
    return dict(dls=get_dls((x37[:1500],y37[:1500]), (x37[1500:],y37[1500:])), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy)
# wrong: mended_setup | all of them and no others
def mended_setup():
    return get_dls((x37[:1500],y37[:1500]), (x37[1500:],y37[1500:])), nn.Linear(784, 1), mnist_loss, batch_accuracy, 1., BasicOptim
# wrong: mended_setup | followed by another one
def mended_setup():
    dls = get_dls((x37[:1500],y37[:1500]), (x37[1500:],y37[1500:]))
    return dict(dls=dls, model=nn.Sequential(nn.Linear(784, 1), nn.Sigmoid()), loss_func=mnist_loss, metrics=batch_accuracy, lr=1., opt_func=BasicOptim)
# wrong: mended_setup | other ones, or have been changed
def mended_setup():
    x3,y3 = 2*x37,y37
    return dict(dls=get_dls((x3[:1500],y3[:1500]), (x3[1500:],y3[1500:])), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy, lr=1., opt_func=BasicOptim)
# wrong: mended_setup | isn't the one that was asked for
def mended_setup():
    dls = get_dls((x37[:1500],y37[:1500,0]), (x37[1500:],y37[1500:,0]))
    return dict(dls=dls, model=nn.Linear(784, 2), loss_func=F.cross_entropy, metrics=lambda p,y: (p.argmax(dim=1)==y).float().mean(), lr=0.5, opt_func=BasicOptim)
# wrong: mended_setup | `return` missing
def mended_setup():
    kw = setup_9()
    kw.update(dls=get_dls((x37[:1500],y37[:1500]), (x37[1500:],y37[1500:])), loss_func=mnist_loss, metrics=batch_accuracy, lr=1., opt_func=BasicOptim)
# wrong: mended_setup | learning rate low
def mended_setup():
    return dict(dls=get_dls((x37[:1500],y37[:1500]), (x37[1500:],y37[1500:]), bs=1500), model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy, lr=0.03, opt_func=BasicOptim)
# wrong: mended_setup | need the same shape
def mended_setup():
    dls = get_dls((x37[:1500],y37[:1500,0]), (x37[1500:],y37[1500:,0]))
    return dict(dls=dls, model=nn.Linear(784, 1), loss_func=mnist_loss, metrics=batch_accuracy, lr=1., opt_func=BasicOptim)
