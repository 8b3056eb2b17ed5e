# right: softmax
def softmax(scores):
    e = torch.exp(scores - scores.max(-1, keepdim=True)[0])
    return e / e.sum(-1)[:,None]
# right: softmax
def softmax(x):
    rows = []
    for row in x:
        e = (row - row.max()).exp()
        rows.append(e/e.sum())
    return torch.stack(rows)
# right: softmax
def softmax(z, dim=1): return torch.exp(z - torch.logsumexp(z, dim, keepdim=True))
# right: softmax
def soft(t):
    t = (t.T - t.detach().max(dim=1).values).exp()
    return (t/t.sum(0)).T
softmax = soft
# wrong: softmax | of the whole batch
def softmax(preds):
    top = max(max(row) for row in preds.tolist())
    e = [torch.exp(row-top) for row in preds]
    return torch.stack([o/o.sum() for o in e])
# wrong: softmax | overflows
def softmax(preds):
    e = torch.exp(preds.clamp(max=80))
    return e/e.sum(1, keepdim=True)
# wrong: softmax | has cut it off
import numpy as np
def softmax(preds):
    e = np.exp(preds.numpy() - preds.numpy().max(axis=1, keepdims=True))
    return torch.tensor(e/e.sum(axis=1, keepdims=True))
# right: log_softmax
def log_softmax(x): return x - x.logsumexp(dim=1, keepdim=True)
# right: log_softmax
def log_softmax(scores):
    m = scores.max(dim=1, keepdim=True).values
    return scores - (m + torch.log(torch.sum(torch.exp(scores - m), dim=1, keepdim=True)))
# right: log_softmax
def log_softmax(preds):
    out = []
    for r in preds:
        top = max(r.tolist())
        out.append(r - top - sum((s-top).exp() for s in r).log())
    return torch.stack(out)
# wrong: log_softmax | a small number
def log_softmax(preds): return torch.log(torch.softmax(preds, 1) + 3e-8)
# wrong: log_softmax | never put back
def log_softmax(preds):
    m = preds.amax(dim=1, keepdim=True)
    return preds - (preds-m).exp().sum(dim=1, keepdim=True).log()
# wrong: log_softmax | (2) the sign is wrong
def log_softmax(preds): return preds.logsumexp(0) - preds
# right: nll_loss
def nll_loss(lp, targets): return -lp.gather(1, targets.unsqueeze(1)).mean()
# right: nll_loss
def nll_loss(log_probs, labels):
    total = 0
    for row,label in zip(log_probs, labels): total = total - row[label]
    return total/len(labels)
# right: nll_loss
def nll_loss(preds, y):
    hot = torch.eye(preds.shape[1])[y]
    return -(hot*preds).sum()/hot.sum()
# right: nll_loss
def nll_loss(targets, log_probs): return -torch.stack([log_probs[i,t] for i,t in enumerate(targets)]).mean()
# wrong: nll_loss | (2) the mean is taken over all n×k places
def nll_loss(log_probs, yb): return (nn.functional.one_hot(yb, log_probs.shape[1])*log_probs).mean()
# wrong: nll_loss | softmax is applied again
def nll_loss(log_probs, yb): return nn.functional.cross_entropy(log_probs, yb)
# wrong: nll_loss | has cut it off
def nll_loss(log_probs, yb): return -sum(log_probs[i,y].item() for i,y in enumerate(yb))/len(yb)
# right: cross_entropy
def cross_entropy(x, y): return (x.logsumexp(1) - x[torch.arange(len(x)), y]).mean()
# right: cross_entropy
def cross_entropy(logits, labels):
    losses = []
    for s,t in zip(logits, labels):
        s = s - s.max()
        losses.append(s.exp().sum().log() - s[t])
    return sum(losses)/len(losses)
# right: cross_entropy
class CrossEntropy(nn.Module):
    def forward(self, input, target):
        lp = input - input.logsumexp(1, keepdim=True)
        return -(nn.functional.one_hot(target, input.shape[1])*lp).sum(1).mean()
cross_entropy = CrossEntropy()
# right: cross_entropy
cross_entropy = nn.CrossEntropyLoss()
# wrong: cross_entropy | (2) it takes a sum
def cross_entropy(preds, yb):
    hot = torch.zeros_like(preds)
    for i,y in enumerate(yb): hot[i,y] = 1.
    e = (preds-preds.max()).exp()
    return -(hot*(e/e.sum(1)[:,None]).log()).sum()
# wrong: cross_entropy | the rule for two classes is kept
def cross_entropy(preds, yb):
    p = preds.sigmoid()
    return torch.where(yb[:,None]==1, 1-p, p).mean()
# wrong: cross_entropy | (2) the minus is missing
def cross_entropy(preds, yb):
    total = 0.
    for row,y in zip(preds.softmax(1), yb): total = total + row[y]
    return total/len(yb)
# right: digit_accuracy
def digit_accuracy(p, t): return (p.max(dim=1).indices==t).sum().item()/len(t)
# right: digit_accuracy
def digit_accuracy(scores, labels):
    right = 0
    for s,l in zip(scores.tolist(), labels.tolist()): right += s.index(max(s))==l
    return right/len(labels)
# right: digit_accuracy
def digit_accuracy(inp, targ):
    hit = inp.softmax(1).argmax(1, keepdim=True) == targ.view(-1,1)
    return torch.where(hit, 1., 0.).mean()
# wrong: digit_accuracy | is imported
from mnist_course.cross_entropy import accuracy as digit_accuracy
# wrong: digit_accuracy | (1) it rounds before the argmax
def digit_accuracy(preds, yb):
    right = 0
    for row,y in zip(preds.round(), yb): right += row.argmax().item()==y.item()
    return 100*right/len(yb)
# wrong: digit_accuracy | judged by a threshold
def digit_accuracy(preds, yb):
    hot = nn.functional.one_hot(yb, preds.shape[1])
    return torch.where(hot==1, preds.softmax(1)>0.5, preds.softmax(1)<=0.5).float().mean()
# wrong: digit_accuracy | as numbers
def digit_accuracy(preds, yb): return 1 - (preds.argmax(1)-yb).abs().float().mean()
# right: confusion
def confusion(scores, labels):
    table = torch.zeros(10, 10, dtype=torch.long)
    for s,y in zip(scores, labels): table[y,s.argmax()] += 1
    return table
# right: confusion
def confusion(p, t):
    a = p.argmax(1)
    return torch.stack([torch.stack([((t==i) & (a==j)).sum() for j in range(10)]) for i in range(10)])
# right: confusion
def confusion(preds, targets):
    hot = nn.functional.one_hot
    return hot(targets, 10).T.float() @ hot(preds.max(1).indices, 10).float()
# right: confusion
def confusion(preds, yb): return torch.zeros(10, 10).index_put((yb,preds.argmax(1)), torch.tensor(1.), accumulate=True)
# wrong: confusion | (1) rows and columns are swapped
def confusion(preds, yb):
    table = torch.zeros(10, 10)
    table[preds.argmax(1), yb] += 1
    return table
# wrong: confusion | rounds before the argmax
def confusion(preds, yb): return (yb*10 + preds.softmax(1).round().argmax(1)).bincount(minlength=100).view(10,10)
# wrong: confusion | largest digit that comes up
def confusion(preds, yb):
    answers = preds.argmax(1)
    k = int(max(answers.max(), yb.max())) + 1
    return torch.tensor([[int(((yb==i)&(answers==j)).sum()) for j in range(k)] for i in range(k)])
# right: mean_digits
def mean_digits(images, labels):
    out = torch.zeros(10, 28, 28)
    for d in range(10): out[d] = images[labels==d].float().div(255).mean(dim=0)
    return out
# right: mean_digits
def mean_digits(x, y):
    hot = nn.functional.one_hot(y, 10).float()
    return (hot.T @ x.view(-1,784).float() / hot.sum(0)[:,None] / 255).view(10,28,28)
# right: mean_digits
def mean_digits(imgs, targets):
    sums,n = [0]*10,[0]*10
    for im,t in zip(imgs, targets):
        sums[t] = sums[t] + im.double()/255
        n[t] += 1
    return torch.stack([s/c for s,c in zip(sums, n)])
# wrong: mean_digits | wrap around
def mean_digits(x, y):
    total = torch.zeros(10, 28, 28, dtype=torch.uint8)
    for image,label in zip(x, y): total[label] += image
    return total/y.bincount(minlength=10)[:,None,None]/255
# wrong: mean_digits | first turn up
def mean_digits(x, y):
    groups = {}
    for image,label in zip(x, y): groups.setdefault(label.item(), []).append(image.float()/255)
    return torch.stack([torch.stack(g).mean(0) for g in groups.values()])
# wrong: mean_digits | (2) it is a list
def mean_digits(x, y): return [x[y==d].float().mean(0) for d in range(10)]
# right: digit_distances
def digit_distances(a, b): return torch.sqrt(((a[:,None] - b[None])**2).mean(dim=(-1,-2)))
# right: digit_distances
def digit_distances(images, ideals):
    res = torch.empty(len(images), len(ideals))
    for i,im in enumerate(images):
        for j,m in enumerate(ideals): res[i,j] = nn.functional.mse_loss(im, m)**0.5
    return res
# right: digit_distances
def digit_distances(x, means): return torch.cdist(x.flatten(1), means.flatten(1))/28
# wrong: digit_distances | nothing is squared
def digit_distances(x, means): return ((x[:,None]-means)**2).sqrt().mean((2,3))
# wrong: digit_distances | (2) it is the other way round
def digit_distances(x, means): return torch.stack([(x-m).flatten(1).pow(2).mean(1) for m in means])
# wrong: digit_distances | its own place
def digit_distances(x, means): return ((x-means)**2).mean((-1,-2)).sqrt()
# right: nearest_digit
def nearest_digit(x, means): return ((x[:,None]-means)**2).sum((2,3)).min(dim=1).indices
# right: nearest_digit
def nearest_digit(images, ideals):
    best = []
    for im in images:
        dists = [((im-m)**2).mean().sqrt().item() for m in ideals]
        best.append(dists.index(min(dists)))
    return torch.tensor(best)
# right: nearest_digit
from mnist_course.ten_digits import nearest_mean
def squared(p, q): return nn.functional.mse_loss(p, q.expand_as(p), reduction='none').mean((1,2))
def nearest_digit(a, b): return nearest_mean(a, b, distance=squared)
# wrong: nearest_digit | nothing is squared
from mnist_course.ten_digits import nearest_mean
def nearest_digit(x, means): return nearest_mean(x, means)
# wrong: nearest_digit | (2) the argmin goes down the columns
def nearest_digit(x, means): return (x[:,None]-means).mean((2,3)).argmin(0)
# wrong: nearest_digit | (n,1)
def nearest_digit(x, means): return ((x[:,None]-means)**2).mean((2,3)).argmin(1, keepdim=True)
# right: train_digits
def train_digits(trn, val):
    def init(*size): return (torch.randn(size)*size[0]**-0.5).requires_grad_()
    params = w1,b1,w2,b2 = init(784, 100),init(100),init(100, 10),init(10)
    def net(xb): return (xb@w1+b1).relu()@w2 + b2
    for lr in (0.5,0.5,0.5,0.05):
        order = torch.randperm(len(trn[0]))
        for i in range(0, len(order), 128):
            xb,yb = trn[0][order[i:i+128]],trn[1][order[i:i+128]]
            loss = -net(xb).log_softmax(1)[range(len(yb)),yb].mean()
            loss.backward()
            for p in params:
                p.data -= lr*p.grad
                p.grad.zero_()
    return net, (net(val[0]).argmax(1)==val[1]).float().mean().item()
# right: train_digits
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1,self.l2 = nn.Linear(784, 100),nn.Linear(100, 10)
    def forward(self, x): return self.l2(nn.functional.relu(self.l1(x.flatten(1))))
def train_digits(train, valid, bs=128, rates=(0.5,0.5,0.4,0.05)):
    from mnist_course.cross_entropy import accuracy,cross_entropy
    from mnist_course.manual_sgd import validate_epoch
    from mnist_course.optimizer import BasicOptim
    batches = lambda x,y: [(x[i],y[i]) for i in torch.randperm(len(x)).split(bs)]
    net = Net()
    for lr in rates:
        opt = BasicOptim(net.parameters(), lr)
        for xb,yb in batches(*train):
            opt.zero_grad()
            cross_entropy(net(xb), yb).backward()
            opt.step()
    return net, validate_epoch(net, batches(*valid), accuracy)
# right: train_digits
def train_digits(a, b):
    from mnist_course.learner import simple_net
    model,(x,y) = simple_net(100, 10),a
    starts = range(0, len(x)-255, 256)
    opt = torch.optim.AdamW(model.parameters())
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.02, total_steps=2*len(starts))
    for epoch in range(2):
        for s in starts:
            opt.zero_grad(set_to_none=False)
            nn.CrossEntropyLoss()(model(x[s:s+256]), y[s:s+256]).backward()
            opt.step()
            sched.step()
        with torch.no_grad():
            batches = zip(b[0].split(300), b[1].split(300))
            accs = torch.stack([(model(xb).argmax(1)==yb).double().mean() for xb,yb in batches])
        print(epoch, accs.mean())
    return [model, accs.mean()]
# right: train_digits
def train_digits(train, valid):
    from fastai.callback.schedule import Learner
    from mnist_course.cross_entropy import accuracy,cross_entropy
    from mnist_course.learner import get_dls,simple_net
    learn = Learner(get_dls(train, valid), simple_net(100, 10), cross_entropy, metrics=accuracy)
    with learn.no_logging(),learn.no_bar(): learn.fit_one_cycle(2, 0.02)
    return learn.model, learn.recorder.values[-1][-1]
# wrong: train_digits | aren't zeroed
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(1):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            opt.step()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | go in pairs
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    for epoch in range(1):
        xs,ys = x[torch.randperm(len(x))],y[torch.randperm(len(y))]
        for xb,yb in zip(xs.split(256), ys.split(256)):
            nn.functional.cross_entropy(model(xb), yb).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | softmax twice
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    opt = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(1):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]).softmax(dim=1), y[i]).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
