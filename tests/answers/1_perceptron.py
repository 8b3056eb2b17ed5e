# right: rmse
def rmse(images, ideal): return torch.sqrt(((images-ideal)**2).mean((1,2)))
# right: rmse
def rmse(stack, mean_image):
    distances = []
    for im in stack: distances.append(F.mse_loss(im, mean_image).sqrt())
    return torch.stack(distances)
# right: rmse
def dist(a, b):
    diff = (a-b).flatten(1)
    return diff.norm(dim=1)/diff.shape[1]**0.5
rmse = dist
# right: rmse
import numpy as np
def rmse(a, b): return torch.tensor(np.sqrt(np.square(a.numpy()-b.numpy()).mean(axis=(-1,-2))))
# wrong: rmse | so that those above and below 0 cancel out
def rmse(images, ideal): return ((images-ideal).mean((-1,-2))**2).sqrt()
# wrong: rmse | (2) a mean without axes
def rmse(images, ideal): return F.l1_loss(images, ideal.expand_as(images))
# wrong: rmse | changes `images`
def rmse(images, ideal):
    images -= ideal
    return (images**2).mean((-1,-2)).sqrt()
# right: make_dset
def make_dset(threes, sevens):
    x = torch.cat([threes, sevens]).view(-1, 28*28).float()/255
    y = tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)
    return [(a,b) for a,b in zip(x, y)]
# right: make_dset
def make_dset(threes, sevens):
    dset = []
    for im in threes: dset.append((im.flatten()/255., torch.ones(1)))
    for im in sevens: dset.append((im.flatten()/255., torch.zeros(1)))
    return dset
# right: make_dset
def pair(a, b):
    from torch.utils.data import TensorDataset
    x = torch.cat((a, b)).reshape(len(a)+len(b), 784).to(torch.float32).div(255)
    y = torch.cat((torch.ones(len(a), 1), torch.zeros(len(b), 1))).long()
    return TensorDataset(x, y)
make_dset = pair
# right: make_dset
class make_dset:
    def __init__(self, threes, sevens): self.ims,self.n3 = torch.vstack([threes, sevens]),len(threes)
    def __len__(self): return len(self.ims)
    def __getitem__(self, i): return [self.ims[i].view(-1).float()/255, torch.tensor([i<self.n3])]
# wrong: make_dset | they must be divided by 255. (2) the labels are the wrong way round
class make_dset:
    def __init__(self, threes, sevens): self.ims,self.n3 = torch.vstack([threes, sevens]),len(threes)
    def __len__(self): return len(self.ims)
    def __getitem__(self, i): return self.ims[i].flatten().float(),tensor([int(i>=self.n3)])
# wrong: make_dset | gone through just once
def make_dset(threes, sevens):
    x = torch.cat([threes, sevens]).view(-1, 784)/255
    return zip(x, tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1))
# wrong: make_dset | the 7s are missing
def make_dset(threes, sevens):
    rows = torch.cat([threes, sevens]).view(-1, 784)/255
    ones = torch.ones(len(threes), 1).long()
    return [(rows[i],ones[i]) for i in range(min(len(rows), len(ones)))]
# right: init_params
def init_params(size, std=1.0): return (torch.randn(size)*std).requires_grad_()
# right: init_params
def init_params(shape, sigma=1.):
    shape = (shape,) if isinstance(shape, int) else shape
    return nn.Parameter(torch.empty(*shape).normal_(0, sigma))
# right: init_params
def start(size, std=1):
    p = torch.zeros(size, requires_grad=True)
    with torch.no_grad(): p += std*torch.randn_like(p)
    return p
init_params = start
# right: init_params
def init_params(size, std=1):
    numbers = np.random.normal(0, std, size)
    return torch.tensor(numbers, dtype=torch.float32, requires_grad=True)
# right: init_params
def init_params(size, var=1.0): return (torch.randn(size)*var**0.5).requires_grad_()
# wrong: init_params | (2) std is ignored
def init_params(size, std=1.0): return (torch.rand(size)-0.5).requires_grad_()
# wrong: init_params | the root of std is taken
def init_params(size, std=1.0): return nn.Parameter(torch.empty(size).normal_(0, std**0.5))
# wrong: init_params | float64
def init_params(size, std=1.0): return torch.tensor(np.random.randn(*np.atleast_1d(size))*std, requires_grad=True)
# right: linear1
def linear1(xb, weights, bias): return xb@weights + bias
# right: linear1
def linear1(rows, w, b): return torch.stack([(row*w[:,0]).sum() + b.sum() for row in rows]).unsqueeze(1)
# right: linear1
def linear1(images, wts, offset): return F.linear(images, wts.T, offset.view(1))
# right: linear1
weights,bias = torch.randn(784, 1, requires_grad=True),torch.randn(1, requires_grad=True)
def linear1(xb): return xb@weights + bias
# right: linear1
def linear1(xb, weights, bias): return torch.einsum('np,pk->nk', xb, weights).add(bias)
# right: linear1
def linear1(xb, weights, bias):
    scores = torch.zeros(len(xb), 1)
    for i,row in enumerate(xb): scores[i] = row@weights + bias
    return scores
# right: linear1
def linear1(xb, weights, bias):
    scores = torch.empty(xb.shape[0], 1)
    for i in range(len(xb)): scores[i,0] = (xb[i]*weights.squeeze()).sum() + bias
    return scores
# wrong: linear1 | (1) the scores are (n,), where a column (n,1) is wanted
def linear1(xb, weights, bias): return torch.stack([row@weights[:,0] for row in xb]) - bias
# wrong: linear1 | for every pixel
def linear1(xb, weights, bias): return (xb*weights.T + bias).sum(1).unsqueeze(1)
# wrong: linear1 | has cut it off
def linear1(xb, weights, bias): return tensor(xb.numpy()@weights.detach().numpy() + bias.detach().numpy())
# right: sigmoid
def sigmoid(x): return 1/(1+torch.exp(-x))
# right: sigmoid
def sigmoid(t): return torch.stack([1/(1+(-v).exp()) for v in t.flatten()]).view(t.shape)
# wrong: sigmoid | is imported
sigmoid = torch.sigmoid
# right: sigmoid
def sigmoid(z): return (torch.tanh(z/2)+1)/2
# right: sigmoid
def sigmoid(x): return torch.where(x>0, 1/(1+(-x.abs()).exp()), (-x.abs()).exp()/(1+(-x.abs()).exp()))
# wrong: sigmoid | overflows
def sigmoid(x):
    e = x.exp()
    return e/(e+1)
# wrong: sigmoid | list of numbers
def sigmoid(x): return [1/(1+math.exp(-v)) for v in x]
# wrong: sigmoid | carries no gradient
def sigmoid(x): return torch.tensor(1/(1+np.exp(-x.detach().numpy())))
# right: mnist_loss
def mnist_loss(predictions, targets):
    predictions = predictions.sigmoid()
    return torch.where(targets==1, 1-predictions, predictions).mean()
# right: mnist_loss
def mnist_loss(scores, labels): return F.l1_loss(torch.sigmoid(scores), labels.float())
# right: mnist_loss
def mnist_loss(p, t):
    total = 0
    for a,b in zip(p.flatten(), t.flatten()): total = total + (torch.sigmoid(-a) if b==1 else torch.sigmoid(a))
    return total/len(p)
# right: mnist_loss
def mnist_loss(acts, y): return (y-acts.sigmoid()).abs().sum().div(y.numel()).view(1)
# right: mnist_loss
def mnist_loss(preds, targets):
    print('loss of', preds.shape)
    p = F.softmax(torch.stack([torch.zeros_like(preds), preds]), dim=0)[1]
    return (p*(1-targets) + (1-p)*targets).mean()
# wrong: mnist_loss | (2) it takes a sum where it should take the mean
def mnist_loss(p, t):
    total = 0
    for a,b in zip(p.flatten(), t.flatten()): total = total + (1-a if b==1 else a)
    return total
# wrong: mnist_loss | (1) shapes (n,) and (n,1) meet
def mnist_loss(predictions, targets): return ((predictions.sigmoid().view(-1)-targets)**2).mean()
# wrong: mnist_loss | takes the labels first
def mnist_loss(targets, preds): return (preds.sigmoid()-targets).abs().mean()
# right: batch_accuracy
def batch_accuracy(scores, labels): return ((scores>0)==labels).float().mean().item()
# right: batch_accuracy
def batch_accuracy(p, t):
    n = 0
    for a,b in zip(p.flatten(), t.flatten()): n += int((a.sigmoid()>0.5)==b)
    return n/len(p)
# right: batch_accuracy
def batch_accuracy(xb, yb): return torch.where(yb.bool(), xb.sigmoid()>0.5, xb.sigmoid()<=0.5).double().mean()
# right: batch_accuracy
def batch_accuracy(preds, targets): return np.mean((preds.numpy()>0) == targets.numpy())
# right: batch_accuracy
def batch_accuracy(preds, targets): return 1 - (torch.sigmoid(preds).round()-targets).abs().mean()
# wrong: batch_accuracy | (1) the threshold of 0.5 belongs to probabilities
def batch_accuracy(xb, yb):
    right = xb.squeeze().gt(0.5)==yb
    return right.sum()/right.numel()
# wrong: batch_accuracy | keep their sign
def batch_accuracy(xb, yb): return 1 - (xb.sigmoid().round()-yb).mean()
# wrong: batch_accuracy | means `a>0 and 0==b`
def batch_accuracy(xb, yb): return (xb>0==yb).float().mean()
# right: train_epoch
def train_epoch(net, rate, ps, loader, criterion):
    for x,y in loader:
        criterion(net(x), y).backward()
        for p in ps:
            p.data -= rate*p.grad
            p.grad.zero_()
# right: train_epoch
def train_epoch(model, lr, params, dl, loss_func):
    opt = torch.optim.SGD(params, lr=lr)
    for batch in dl:
        opt.zero_grad()
        loss_func(model(batch[0]), batch[1]).backward()
        opt.step()
# right: train_epoch
def train_epoch(model, lr, params, dl, loss_func):
    batches = iter(dl)
    while True:
        try: xb,yb = next(batches)
        except StopIteration: return params
        grads = torch.autograd.grad(loss_func(model(xb), yb), params)
        with torch.no_grad():
            for p,g in zip(params, grads): p.copy_(p - g*lr)
# right: train_epoch
def mnist_loss(preds, yb): return (preds.sigmoid()-yb).abs().mean()
def calc_grad(xb, yb, model):
    preds = model(xb)
    loss = mnist_loss(preds, yb)
    loss.backward()
dl = []
def train_epoch(model, lr, params):
    for xb,yb in dl:
        calc_grad(xb, yb, model)
        for p in params:
            p.data -= p.grad*lr
            p.grad.zero_()
# right: train_epoch
weights,bias,lr = torch.randn(784, 1, requires_grad=True),torch.randn(1, requires_grad=True),1.
def mnist_loss(preds, yb): return (preds.sigmoid()-yb).abs().mean()
def linear1(xb): return xb@weights + bias
def train_epoch():
    for xb,yb in train_dl:
        for p in (weights,bias): p.grad = None
        mnist_loss(linear1(xb), yb).backward()
        with torch.no_grad(): [p.sub_(p.grad, alpha=lr) for p in (weights,bias)]
# right: train_epoch
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss = loss_func(model(xb), yb)
        with torch.no_grad():
            loss.backward()
            for p in params:
                p -= lr*p.grad
                p.grad.zero_()
# wrong: train_epoch | (1) the bias is never changed
def train_epoch(model, lr, params, dl, loss_func):
    w = params[0]
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        w.data -= lr*w.grad
# wrong: train_epoch | by the sum of all gradients
def train_epoch(model, lr, params, dl, loss_func):
    opt = torch.optim.SGD(params, lr=lr)
    for xb,yb in dl: loss_func(model(xb), yb).backward()
    opt.step()
    opt.zero_grad()
# wrong: train_epoch | `p = p - …` is none
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        for p in params: p = p - lr*p.grad
        for p in params: p.grad.zero_()
# right: validate_epoch
def validate_epoch(net, loader, acc):
    total,n = 0.,0
    with torch.no_grad():
        for x,y in loader:
            total += acc(net(x), y)*len(x)
            n += len(x)
    return total/n
# right: validate_epoch
def validate_epoch(model, valid_dl, metric):
    preds,ys = zip(*[(model(xb), yb) for xb,yb in valid_dl])
    return metric(torch.cat(preds), torch.cat(ys)).item()
# right: validate_epoch
def validate_epoch(model, valid_dl, metric):
    accs,sizes = [],[]
    for b in valid_dl:
        accs.append(float(metric(model(b[0]), b[1])))
        sizes.append(b[1].shape[0])
    return np.average(accs, weights=sizes)
# right: validate_epoch
valid_dl = None
def batch_accuracy(preds, yb): return ((preds>0)==yb).float().mean()
def validate_epoch(model):
    right = sum(batch_accuracy(model(xb), yb)*len(yb) for xb,yb in valid_dl)
    return round((right/len(valid_dl.dataset)).item(), 4)
# wrong: validate_epoch | mean of the batch means
def validate_epoch(model, valid_dl, metric):
    accs = [metric(model(xb), yb) for xb,yb in valid_dl]
    return round(torch.stack(accs).mean().item(), 4)
# wrong: validate_epoch | as large as the first
def validate_epoch(model, valid_dl, metric):
    right,bs = 0,len(next(iter(valid_dl))[0])
    for xb,yb in valid_dl: right += metric(model(xb), yb)*len(xb)
    return right/(bs*len(valid_dl))
# wrong: validate_epoch | It trains
def validate_epoch(model, valid_dl, metric):
    right = n = 0
    for xb,yb in valid_dl:
        preds = model(xb)
        (preds.sigmoid()-yb).abs().mean().backward()
        for p in (weights,bias): p.data -= p.grad
        right,n = right+metric(preds, yb)*len(xb),n+len(xb)
    return right/n
# right: perceptron
def perceptron(x, y, vx, vy, lr, epochs):
    from torch.utils.data import DataLoader as TorchLoader
    w,b = torch.randn(28*28, 1).requires_grad_(),torch.randn(1).requires_grad_()
    for epoch in range(epochs):
        for xb,yb in TorchLoader(list(zip(x, y)), batch_size=256, shuffle=True):
            preds = (xb@w + b).sigmoid()
            torch.where(yb==1, 1-preds, preds).mean().backward()
            for p in (w,b):
                p.data -= lr*p.grad
                p.grad.zero_()
    return w, b, (((vx@w + b)>0) == vy).float().mean().item()
# right: perceptron
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    model = nn.Linear(784, 1)
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        for idxs in torch.randperm(len(train_x)).split(256):
            F.l1_loss(model(train_x[idxs]).sigmoid(), train_y[idxs].float()).backward()
            opt.step()
            opt.zero_grad()
        with torch.no_grad():
            batches = zip(valid_x.split(256), valid_y.split(256))
            accs = [((model(xb).sigmoid()>0.5)==yb).double().mean() for xb,yb in batches]
    return model, torch.stack(accs).mean()
# right: perceptron
from mnist_course import loss_functions,manual_sgd
def run(train_x, train_y, valid_x, valid_y, rate, n):
    params = [loss_functions.init_params(o, std=0.01) for o in ((784,1), 1)]
    model = lambda xb: loss_functions.linear1(xb, *params)
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for i in range(n):
        manual_sgd.train_epoch(model, rate, params, dl, loss_functions.mnist_loss)
        print(i, manual_sgd.validate_epoch(model, valid_dl))
    return params, manual_sgd.validate_epoch(model, valid_dl)
perceptron = run
# right: perceptron
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights,bias = torch.tensor(np.random.randn(784, 1)*0.1, dtype=torch.float32),torch.zeros(())
    for _ in range(epochs):
        for i in range(0, len(train_x), 256):
            xb,yb = train_x[i:i+256],train_y[i:i+256]
            p = torch.sigmoid(xb@weights + bias)
            g = p*(1-p)*torch.where(yb==1, -1, 1)/len(xb)
            weights,bias = weights - lr*xb.T@g,bias - lr*g.sum()
    return weights, bias, (((valid_x@weights + bias)>0).float()==valid_y).float().mean()
# right: perceptron
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    w,b = torch.randn(784, 1, requires_grad=True),torch.randn(1, requires_grad=True)
    for e in range(epochs):
        for xb,yb in DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True):
            ((xb@w + b).sigmoid()-yb).abs().mean().backward()
            with torch.no_grad():
                for p in (w,b):
                    p -= lr*p.grad
                    p.grad.zero_()
        accs = [((xb@w + b>0)==yb).float().mean() for xb,yb in DataLoader(list(zip(valid_x, valid_y)), bs=256)]
    return w, b, round(torch.stack(accs).mean().item(), 4)
# wrong: perceptron | (3) In the accuracy: Shapes (n,) and (n,1) meet
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    w,b = torch.randn(784, 1, requires_grad=True),torch.randn(1, requires_grad=True)
    for e in range(epochs):
        for x,y in zip(train_x, train_y):
            loss = torch.where(y==1, 1-(x@w+b), x@w+b).mean()
            loss.backward()
            for p in (w,b):
                p.data -= lr*p.grad
                p.grad = None
    return w, b, ((torch.cat([x@w + b for x in valid_x])>0)==valid_y).float().mean()
# wrong: perceptron | In the loss: It is cross-entropy
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    model = nn.Linear(784, 1)
    opt = torch.optim.SGD(model.parameters(), lr=lr)
    for _ in range(epochs):
        for idxs in torch.randperm(len(train_x)).split(256):
            F.binary_cross_entropy_with_logits(model(train_x[idxs]), train_y[idxs].float()).backward()
            opt.step()
            opt.zero_grad()
    return model, ((model(valid_x)>0)==valid_y).float().mean()
# wrong: perceptron | drawn anew in each epoch
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    for e in range(epochs):
        w,b = torch.randn(784, 1, requires_grad=True),torch.randn(1, requires_grad=True)
        for xb,yb in zip(train_x.split(256), train_y.split(256)):
            ((xb@w + b).sigmoid()-yb).abs().mean().backward()
            with torch.no_grad():
                for p in (w,b):
                    p -= lr*p.grad
                    p.grad.zero_()
    return w, b, ((valid_x@w + b>0)==valid_y).float().mean()
