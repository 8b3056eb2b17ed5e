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
# wrong: softmax | (dim=0)
def softmax(preds):
    e = preds.exp()
    return e/e.sum(dim=0)
# wrong: softmax | (dim=0)
def softmax(preds): return preds.softmax(0)
# wrong: softmax | over the whole batch
def softmax(preds): return preds.exp()/preds.exp().sum()
# wrong: softmax | keepdim is missing
def softmax(preds): return torch.exp(preds)/torch.exp(preds).sum(1)
# wrong: softmax | overflows
def softmax(preds):
    exps = preds.exp()
    return exps/exps.sum(dim=1, keepdim=True)
# wrong: softmax | of the whole batch
def softmax(preds):
    exps = (preds - preds.max()).exp()
    return exps/exps.sum(dim=1, keepdim=True)
# wrong: softmax | largest score of each column
def softmax(preds):
    exps = (preds - preds.max(dim=0).values).exp()
    return exps/exps.sum(dim=1, keepdim=True)
# wrong: softmax | return
def softmax(preds):
    exps = (preds - preds.amax(1, True)).exp()
    probs = exps/exps.sum(1, keepdim=True)
# wrong: softmax | in place
def softmax(preds):
    preds -= preds.amax(1, True)
    preds.exp_()
    preds /= preds.sum(1, True)
    return preds
# wrong: softmax | cut off
def softmax(preds):
    rows = []
    for row in preds.tolist():
        m = max(row)
        e = [2.718281828459045**(s-m) for s in row]
        rows.append([v/sum(e) for v in e])
    return torch.tensor(rows)
# wrong: softmax | cut off
import numpy as np
def softmax(preds):
    e = np.exp(preds.numpy() - preds.numpy().max(axis=1, keepdims=True))
    return torch.tensor(e/e.sum(axis=1, keepdims=True))
# wrong: softmax | overflows
def softmax(preds):
    e = torch.exp(preds.clamp(max=80))
    return e/e.sum(1, keepdim=True)
# wrong: softmax | no exponential
def softmax(preds): return preds/preds.sum(1, keepdim=True)
# wrong: softmax | sigmoid
def softmax(preds): return torch.sigmoid(preds)
# wrong: softmax | division
def softmax(preds): return torch.exp(preds)
# wrong: softmax | `scores`
scores = torch.randn(4, 10)
def softmax(preds):
    e = scores.exp()
    return e/e.sum(1, keepdim=True)
# wrong: softmax | still to do
def softmax(preds): raise NotImplementedError()
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
# wrong: log_softmax | detour
def log_softmax(preds): return torch.softmax(preds, dim=1).log()
# wrong: log_softmax | detour
def log_softmax(preds):
    exps = preds.exp()
    return (exps/exps.sum(1, keepdim=True)).log()
# wrong: log_softmax | even with 64 bits
def log_softmax(preds): return preds.double().softmax(dim=1).log().float()
# wrong: log_softmax | a small number
def log_softmax(preds): return torch.log(torch.softmax(preds, 1) + 1e-8)
# wrong: log_softmax | exp overflows
def log_softmax(preds): return preds - preds.exp().sum(dim=1, keepdim=True).log()
# wrong: log_softmax | never put back
def log_softmax(preds):
    m = preds.amax(dim=1, keepdim=True)
    return preds - (preds-m).exp().sum(dim=1, keepdim=True).log()
# wrong: log_softmax | (dim=0)
def log_softmax(preds): return preds - preds.logsumexp(dim=0)
# wrong: log_softmax | keepdim is missing
def log_softmax(preds): return preds - preds.logsumexp(dim=1)
# wrong: log_softmax | whole batch
def log_softmax(preds):
    m = preds.max()
    return preds - m - (preds-m).exp().sum(1, keepdim=True).log()
# wrong: log_softmax | logarithm is missing
def log_softmax(preds):
    exps = (preds - preds.amax(dim=1, keepdim=True)).exp()
    return exps/exps.sum(dim=1, keepdim=True)
# wrong: log_softmax | sign is wrong
def log_softmax(preds): return preds.logsumexp(1, keepdim=True) - preds
# wrong: log_softmax | return
def log_softmax(preds): preds - preds.logsumexp(1, keepdim=True)
# wrong: log_softmax | cut off
def log_softmax(preds):
    p = preds.detach().numpy()
    m = p.max(axis=1, keepdims=True)
    import numpy as np
    return torch.from_numpy(p - m - np.log(np.exp(p-m).sum(axis=1, keepdims=True)))
# wrong: log_softmax | in place
def log_softmax(preds):
    preds -= preds.amax(dim=1, keepdim=True)
    return preds - preds.exp().sum(dim=1, keepdim=True).log()
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
# wrong: nll_loss | minus is missing
def nll_loss(log_probs, yb): return log_probs[range(len(yb)), yb].mean()
# wrong: nll_loss | takes a sum
def nll_loss(log_probs, yb): return -log_probs[torch.arange(len(yb)), yb].sum()
# wrong: nll_loss | for each image
def nll_loss(log_probs, yb): return -log_probs.gather(1, yb[:,None]).squeeze(1)
# wrong: nll_loss | a colon
def nll_loss(log_probs, yb): return -log_probs[:,yb].mean()
# wrong: nll_loss | pick rows
def nll_loss(log_probs, yb): return -log_probs[yb].mean()
# wrong: nll_loss | n×k places
def nll_loss(log_probs, yb): return -(nn.functional.one_hot(yb, log_probs.shape[1])*log_probs).mean()
# wrong: nll_loss | wrong column
def nll_loss(log_probs, yb): return -log_probs[range(len(yb)), yb-1].mean()
# wrong: nll_loss | taken again
def nll_loss(log_probs, yb): return -log_probs.log()[range(len(yb)), yb].mean()
# wrong: nll_loss | softmax is applied again
def nll_loss(log_probs, yb): return nn.functional.cross_entropy(log_probs, yb)
# wrong: nll_loss | labels aren't used
def nll_loss(log_probs, yb): return -log_probs.max(dim=1).values.mean()
# wrong: nll_loss | return
def nll_loss(log_probs, yb):
    loss = -log_probs[range(len(yb)), yb].mean()
    print(loss)
# wrong: nll_loss | cut off
def nll_loss(log_probs, yb): return -sum(log_probs[i,y].item() for i,y in enumerate(yb))/len(yb)
# wrong: nll_loss | `targets`
targets = torch.tensor([1,0,1])
def nll_loss(log_probs, yb): return -log_probs[range(len(log_probs)), targets].mean()
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
# wrong: cross_entropy | detour
def cross_entropy(preds, yb): return -preds.softmax(dim=1).log()[range(len(preds)), yb].mean()
# wrong: cross_entropy | detour
def cross_entropy(preds, yb):
    probs = preds.exp()/preds.exp().sum(1, keepdim=True)
    return -probs[range(len(preds)), yb].log().mean()
# wrong: cross_entropy | twice
def cross_entropy(preds, yb): return nn.functional.cross_entropy(preds.softmax(dim=1), yb)
# wrong: cross_entropy | softmax is missing
def cross_entropy(preds, yb): return -preds[range(len(preds)), yb].mean()
# wrong: cross_entropy | softmax is missing
def cross_entropy(preds, yb): return -preds.log()[range(len(preds)), yb].mean()
# wrong: cross_entropy | logarithm is missing
def cross_entropy(preds, yb): return 1 - preds.softmax(1)[range(len(preds)), yb].mean()
# wrong: cross_entropy | minus is missing
def cross_entropy(preds, yb): return preds.log_softmax(1)[range(len(preds)), yb].mean()
# wrong: cross_entropy | takes a sum
def cross_entropy(preds, yb): return nn.functional.cross_entropy(preds, yb, reduction='sum')
# wrong: cross_entropy | dim=0
def cross_entropy(preds, yb): return nn.functional.nll_loss(preds.log_softmax(dim=0), yb)
# wrong: cross_entropy | a colon
def cross_entropy(preds, yb): return -preds.log_softmax(1)[:,yb].mean()
# wrong: cross_entropy | a small number
def cross_entropy(preds, yb): return -(preds.softmax(1)[range(len(preds)), yb] + 1e-9).log().mean()
# wrong: cross_entropy | 0 times infinity
def cross_entropy(preds, yb):
    hot = nn.functional.one_hot(yb, preds.shape[1])
    return -(hot*preds.softmax(1).log()).sum(dim=1).mean()
# wrong: cross_entropy | cut off
def cross_entropy(preds, yb):
    with torch.no_grad(): return nn.functional.cross_entropy(preds, yb)
# wrong: cross_entropy | return
def cross_entropy(preds, yb): nn.functional.cross_entropy(preds, yb)
# wrong: cross_entropy | shifted by one
def cross_entropy(preds, yb): return -preds.log_softmax(1)[range(len(preds)), yb-1].mean()
# wrong: cross_entropy | calls `log_softmax`, which is still to do
def cross_entropy(preds, yb): return -log_softmax(preds)[range(len(preds)), yb].mean()
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
# wrong: digit_accuracy | (dim=0)
def digit_accuracy(preds, yb): return (preds.argmax(dim=0)==yb).float().mean()
# wrong: digit_accuracy | dim is missing
def digit_accuracy(preds, yb): return (preds.argmax()==yb).float().mean()
# wrong: digit_accuracy | (n,1) meets (n,)
def digit_accuracy(preds, yb): return (preds.argmax(dim=1, keepdim=True)==yb).float().mean()
# wrong: digit_accuracy | (n,1) meets (n,)
def digit_accuracy(preds, yb): return (preds.argmax(dim=1)==yb.unsqueeze(1)).float().mean()
# wrong: digit_accuracy | rounds before the argmax
def digit_accuracy(preds, yb): return (preds.softmax(1).round().argmax(1)==yb).float().mean()
# wrong: digit_accuracy | rounds before the argmax
def digit_accuracy(preds, yb): return (preds.round().argmax(dim=1)==yb).float().mean()
# wrong: digit_accuracy | no argmax
def digit_accuracy(preds, yb): return (preds==yb[:,None]).float().mean()
# wrong: digit_accuracy | largest scores themselves
def digit_accuracy(preds, yb): return (preds.max(dim=1).values==yb).float().mean()
# wrong: digit_accuracy | threshold
def digit_accuracy(preds, yb):
    hot = nn.functional.one_hot(yb, preds.shape[1])
    return ((preds.softmax(1)>0.5)==hot).float().mean()
# wrong: digit_accuracy | counts the right ones
def digit_accuracy(preds, yb): return (preds.argmax(1)==yb).sum()
# wrong: digit_accuracy | no mean
def digit_accuracy(preds, yb): return preds.argmax(1)==yb
# wrong: digit_accuracy | wrong column
def digit_accuracy(preds, yb): return (preds.argmax(1)+1==yb).float().mean()
# wrong: digit_accuracy | softmax down the columns
def digit_accuracy(preds, yb): return (preds.softmax(dim=0).argmax(dim=1)==yb).float().mean()
# wrong: digit_accuracy | return
def digit_accuracy(preds, yb): print((preds.argmax(1)==yb).float().mean())
# wrong: digit_accuracy | `valid_y`
valid_x,valid_y = mnist_xy('test')
def digit_accuracy(preds, yb): return (preds.argmax(1)==valid_y[:len(preds)]).float().mean()
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
# wrong: confusion | swapped
def confusion(preds, yb):
    table = torch.zeros(10, 10)
    for s,y in zip(preds, yb): table[s.argmax(),y] += 1
    return table
# wrong: confusion | counted once
def confusion(preds, yb):
    table = torch.zeros(10, 10)
    table[yb, preds.argmax(1)] += 1
    return table
# wrong: confusion | shares of their row
def confusion(preds, yb):
    table = torch.zeros(10, 10)
    for a,y in zip(preds.argmax(1), yb): table[y,a] += 1
    return table/table.sum(1, keepdim=True)
# wrong: confusion | (dim=0)
def confusion(preds, yb): return (yb*10 + preds.argmax(0)).bincount(minlength=100).view(10,10)
# wrong: confusion | left out
def confusion(preds, yb):
    table = torch.zeros(10, 10)
    for a,y in zip(preds.argmax(1), yb):
        if a!=y: table[y,a] += 1
    return table
# wrong: confusion | only the right answers
def confusion(preds, yb):
    table = torch.zeros(10, 10)
    for d in range(10): table[d,d] = ((preds.argmax(1)==d) & (yb==d)).sum()
    return table
# wrong: confusion | rounds before the argmax
def confusion(preds, yb): return (yb*10 + preds.softmax(1).round().argmax(1)).bincount(minlength=100).view(10,10)
# wrong: confusion | added up
def confusion(preds, yb):
    table = torch.zeros(10, 10)
    for d in range(10): table[d] = preds[yb==d].sum(0)
    return table
# wrong: confusion | return
def confusion(preds, yb):
    table = torch.zeros(10, 10)
    for a,y in zip(preds.argmax(1), yb): table[y,a] += 1
# wrong: confusion | largest digit that comes up
def confusion(preds, yb):
    answers = preds.argmax(1)
    k = int(max(answers.max(), yb.max())) + 1
    return (yb*k + answers).bincount(minlength=k*k).view(k,k)
# wrong: confusion | never ends
def confusion(preds, yb):
    table,i = torch.zeros(10, 10),0
    while i < len(yb): table[yb[i],preds[i].argmax()] += 1
    return table
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
# wrong: mean_digits | division by 255
def mean_digits(x, y): return torch.stack([x[y==d].float().mean(0) for d in range(10)])
# wrong: mean_digits | without axes
def mean_digits(x, y): return torch.stack([(x[y==d].float()/255).mean() for d in range(10)])
# wrong: mean_digits | wrong axes
def mean_digits(x, y): return torch.stack([(x[y==d].float()/255).mean((1,2)) for d in range(10)])
# wrong: mean_digits | wrap around
def mean_digits(x, y): return torch.stack([sum(x[y==d])/(y==d).sum()/255 for d in range(10)])
# wrong: mean_digits | wrap around
def mean_digits(x, y):
    total = torch.zeros(10, 28, 28, dtype=torch.uint8)
    for image,label in zip(x, y): total[label] += image
    return total/y.bincount(minlength=10)[:,None,None]/255
# wrong: mean_digits | whole-number
def mean_digits(x, y): return torch.stack([(x//255)[y==d].float().mean(0) for d in range(10)])
# wrong: mean_digits | first turn up
def mean_digits(x, y):
    groups = {}
    for image,label in zip(x, y): groups.setdefault(label.item(), []).append(image.float()/255)
    return torch.stack([torch.stack(g).mean(0) for g in groups.values()])
# wrong: mean_digits | a list
def mean_digits(x, y): return [x[y==d].float().mean(0)/255 for d in range(10)]
# wrong: mean_digits | number of all images
def mean_digits(x, y): return torch.stack([x[y==d].float().sum(0)/len(x)/255 for d in range(10)])
# wrong: mean_digits | a sum
def mean_digits(x, y): return torch.stack([x[y==d].float().div(255).sum(0) for d in range(10)])
# wrong: mean_digits | image number d
def mean_digits(x, y): return torch.stack([x[d].float()/255 for d in range(10)])
# wrong: mean_digits | return
def mean_digits(x, y): means = torch.stack([x[y==d].float().mean(0)/255 for d in range(10)])
# wrong: mean_digits | no mean of bytes
def mean_digits(x, y): return torch.stack([x[y==d].mean(0)/255 for d in range(10)])
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
# wrong: digit_distances | MSE
def digit_distances(x, means): return ((x[:,None]-means)**2).mean((2,3))
# wrong: digit_distances | MAE
def digit_distances(x, means): return (x[:,None]-means).abs().mean((-1,-2))
# wrong: digit_distances | root of a sum
def digit_distances(x, means): return torch.cdist(x.flatten(1), means.flatten(1))
# wrong: digit_distances | without axes
def digit_distances(x, means): return torch.stack([((x-m)**2).mean().sqrt() for m in means])
# wrong: digit_distances | without axes
def digit_distances(x, means): return ((x[:,None]-means)**2).mean().sqrt()
# wrong: digit_distances | for each mean
def digit_distances(x, means): return torch.stack([((x-m)**2).mean((1,2)).sqrt() for m in means])
# wrong: digit_distances | its own place
def digit_distances(x, means): return ((x-means)**2).mean((-1,-2)).sqrt()
# wrong: digit_distances | before the mean, makes the same
def digit_distances(x, means): return ((x[:,None]-means)**2).sqrt().mean((2,3))
# wrong: digit_distances | cancel
def digit_distances(x, means): return torch.stack([(x-m).mean((1,2)) for m in means], dim=1)
# wrong: digit_distances | a list
def digit_distances(x, means): return [((x-m)**2).mean((1,2)).sqrt() for m in means]
# wrong: digit_distances | which mean is the nearest
def digit_distances(x, means): return ((x[:,None]-means)**2).mean((2,3)).sqrt().argmin(dim=1)
# wrong: digit_distances | line of pixels
def digit_distances(x, means): return ((x[:,None]-means)**2).mean(2).sqrt().mean(2)
# wrong: digit_distances | return
def digit_distances(x, means):
    for m in means: d = ((x-m)**2).mean((1,2)).sqrt()
# wrong: digit_distances | in place
def digit_distances(x, means):
    res = torch.zeros(len(x), len(means))
    for i in range(len(x)):
        for j in range(len(means)):
            diff = x[i]
            diff -= means[j]
            res[i,j] = (diff**2).mean().sqrt()
            diff += means[j]*1.5
    return res
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
def nearest_digit(a, b): return nearest_mean(a, b, distance=lambda p,q: nn.functional.mse_loss(p, q.expand_as(p), reduction='none').mean((1,2)))
# wrong: nearest_digit | largest distance
def nearest_digit(x, means): return ((x[:,None]-means)**2).mean((2,3)).sqrt().argmax(dim=1)
# wrong: nearest_digit | L1
def nearest_digit(x, means): return (x[:,None]-means).abs().mean((2,3)).argmin(dim=1)
# wrong: nearest_digit | L1
def nearest_digit(x, means): return nearest_mean(x, means)
from mnist_course.ten_digits import nearest_mean
# wrong: nearest_digit | returns the smallest distance
def nearest_digit(x, means): return ((x[:,None]-means)**2).mean((2,3)).sqrt().min(dim=1).values
# wrong: nearest_digit | wrong axis
def nearest_digit(x, means): return ((x[:,None]-means)**2).mean((2,3)).sqrt().argmin(dim=0)
# wrong: nearest_digit | dim is missing
def nearest_digit(x, means): return ((x[:,None]-means)**2).mean((2,3)).sqrt().argmin()
# wrong: nearest_digit | without axes
def nearest_digit(x, means): return torch.stack([((x-m)**2).mean().sqrt() for m in means]).argmin()
# wrong: nearest_digit | cancel
def nearest_digit(x, means): return (x[:,None]-means).mean((2,3)).argmin(1)
# wrong: nearest_digit | a list
def nearest_digit(x, means): return [((im-means)**2).mean((1,2)).argmin().item() for im in x]
# wrong: nearest_digit | shifted
def nearest_digit(x, means): return ((x[:,None]-means)**2).mean((2,3)).argmin(1) + 1
# wrong: nearest_digit | (n,1)
def nearest_digit(x, means): return ((x[:,None]-means)**2).mean((2,3)).argmin(1, keepdim=True)
# wrong: nearest_digit | return
def nearest_digit(x, means): ((x[:,None]-means)**2).mean((2,3)).argmin(1)
# wrong: nearest_digit | `means10`
means10 = torch.rand(10, 28, 28)
def nearest_digit(x, means): return ((x[:,None]-means10)**2).mean((2,3)).argmin(1)
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
        with torch.no_grad(): accs = torch.stack([(model(xb).argmax(1)==yb).double().mean() for xb,yb in zip(b[0].split(300), b[1].split(300))])
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
# wrong: train_digits | linear
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Linear(784, 10)
    opt = torch.optim.SGD(model.parameters(), lr=0.5)
    for epoch in range(1):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | not enough
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 30), nn.ReLU(), nn.Linear(30, 10))
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(1):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
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
# wrong: train_digits | no parameter ever changes
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
    opt = torch.optim.SGD(nn.Linear(784, 50).parameters(), lr=0.1)
    for epoch in range(1):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | 2 of the 4 parameter tensors never change
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
    opt = torch.optim.SGD(model[2].parameters(), lr=0.5)
    for epoch in range(1):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | uphill
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
    for epoch in range(1):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            with torch.no_grad():
                for p in model.parameters():
                    p += 0.1*p.grad
                    p.grad = None
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | minus is missing
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    for epoch in range(1):
        for i in torch.randperm(len(x)).split(256):
            model(x[i]).log_softmax(1)[range(len(i)),y[i]].mean().backward()
            opt.step()
            opt.zero_grad()
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
# wrong: train_digits | inside of the loop
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
    opt = torch.optim.SGD(model.parameters(), lr=0.5)
    for epoch in range(3):
        for i in torch.randperm(len(x)).split(256):
            opt.zero_grad()
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
        opt.step()
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
# wrong: train_digits | is it a sum
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    for i in torch.randperm(len(x)).split(256):
        nn.functional.cross_entropy(model(x[i]), y[i], reduction='sum').backward()
        opt.step()
        opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | softmax missing
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
    opt = torch.optim.SGD(model.parameters(), lr=0.1)
    for i in torch.randperm(len(x)).split(256):
        nn.functional.nll_loss(model(x[i]), y[i]).backward()
        opt.step()
        opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | ends with a softmax
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10), nn.Softmax(dim=1))
    opt = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(3):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | on the validation images
def train_digits(train, valid):
    x,y = torch.cat([train[0], valid[0]]),torch.cat([train[1], valid[1]])
    model = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    opt = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(3):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(valid[0]).argmax(1)==valid[1]).float().mean()
# wrong: train_digits | training images, which are used to validate
def train_digits(train, valid):
    x,y = train
    model = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    opt = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(3):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(x).argmax(1)==y).float().mean()
# wrong: train_digits | Use the arguments
my_x,my_y = mnist_xy('test')
def train_digits(train, valid):
    model = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    opt = torch.optim.Adam(model.parameters(), lr=0.003)
    for epoch in range(3):
        for i in torch.randperm(len(my_x)).split(256):
            nn.functional.cross_entropy(model(my_x[i]), my_y[i]).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(valid[0]).argmax(1)==valid[1]).float().mean()
# wrong: train_digits | two things
def train_digits(train, valid):
    x,y = train
    model = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    opt = torch.optim.Adam(model.parameters(), lr=0.003)
    for i in torch.randperm(len(x)).split(256):
        nn.functional.cross_entropy(model(x[i]), y[i]).backward()
        opt.step()
        opt.zero_grad()
    return model
# wrong: train_digits | counts the right ones
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    opt = torch.optim.Adam(model.parameters(), lr=0.003)
    for i in torch.randperm(len(x)).split(256):
        nn.functional.cross_entropy(model(x[i]), y[i]).backward()
        opt.step()
        opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).sum()
# wrong: train_digits | hardly moves
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    opt = torch.optim.SGD(model.parameters(), lr=1e-5)
    for epoch in range(1):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | start at 0
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    params = w1,b1,w2,b2 = [torch.zeros(s).requires_grad_() for s in ((784,50),50,(50,10),10)]
    def net(xb): return (xb@w1+b1).relu()@w2 + b2
    for epoch in range(1):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(net(x[i]), y[i]).backward()
            for p in params:
                p.data -= 0.5*p.grad
                p.grad = None
    with torch.no_grad(): return net, (net(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | diverges
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10))
    opt = torch.optim.SGD(model.parameters(), lr=1000.)
    for epoch in range(1):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | ReLU after the last layer
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 10), nn.ReLU())
    opt = torch.optim.SGD(model.parameters(), lr=0.5)
    for epoch in range(1):
        for i in torch.randperm(len(x)).split(256):
            nn.functional.cross_entropy(model(x[i]), y[i]).backward()
            opt.step()
            opt.zero_grad()
    with torch.no_grad(): return model, (model(vx).argmax(1)==vy).float().mean()
# wrong: train_digits | return
def train_digits(train, valid):
    (x,y),(vx,vy) = train,valid
    model = nn.Sequential(nn.Linear(784, 100), nn.ReLU(), nn.Linear(100, 10))
    opt = torch.optim.Adam(model.parameters(), lr=0.003)
    for i in torch.randperm(len(x)).split(256):
        nn.functional.cross_entropy(model(x[i]), y[i]).backward()
        opt.step()
        opt.zero_grad()
    with torch.no_grad(): print((model(vx).argmax(1)==vy).float().mean())
