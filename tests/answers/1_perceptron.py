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
# wrong: rmse | MAE
def rmse(images, ideal): return (images-ideal).abs().mean((-1,-2))
# wrong: rmse | MSE
def rmse(images, ideal): return ((images-ideal)**2).mean((-1,-2))
# wrong: rmse | mean without axes
def rmse(images, ideal): return ((images-ideal)**2).mean().sqrt()
# wrong: rmse | mean without axes
def rmse(images, ideal): return F.mse_loss(images, ideal.expand_as(images)).sqrt()
# wrong: rmse | mean without axes
def rmse(images, ideal): return F.l1_loss(images, ideal.expand_as(images))
# wrong: rmse | root is taken before the mean
def rmse(images, ideal): return ((images-ideal)**2).sqrt().mean((-1,-2))
# wrong: rmse | sum where there should be a mean
def rmse(images, ideal): return (images-ideal).flatten(1).norm(dim=1)
# wrong: rmse | axis 0, the images
def rmse(images, ideal): return ((images-ideal)**2).mean(0).sqrt()
# wrong: rmse | one axis
def rmse(images, ideal): return ((images-ideal)**2).mean(-1).sqrt()
# wrong: rmse | too early
def rmse(images, ideal): return torch.sqrt(((images-ideal)**2).mean(2)).mean(1)
# wrong: rmse | cancel
def rmse(images, ideal): return (images-ideal).mean((-1,-2))
# wrong: rmse | cancel
def rmse(images, ideal): return ((images-ideal).mean((-1,-2))**2).sqrt()
# wrong: rmse | return
def rmse(images, ideal): d = ((images-ideal)**2).mean((-1,-2)).sqrt()
# wrong: rmse | changes `images`
def rmse(images, ideal):
    images -= ideal
    return (images**2).mean((-1,-2)).sqrt()
# wrong: rmse | `mean3`
mean3 = torch.rand(28, 28)
def rmse(images, ideal): return ((images-mean3[:images.shape[1],:images.shape[2]])**2).mean((-1,-2)).sqrt()
# wrong: rmse | axis 0, the images, and one more
def rmse(images, ideal): return ((images-ideal)**2).mean((0,1)).sqrt()
# wrong: rmse | axis 0, the images, and one more
def rmse(images, ideal): return ((images-ideal)**2).mean((0,2)).sqrt()

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
# wrong: make_dset | x is paired with x
def make_dset(threes, sevens):
    x = torch.cat([threes, sevens]).view(-1, 28*28).float()/255
    return list(zip(x, x))
# wrong: make_dset | divided by 255
def make_dset(threes, sevens):
    x = torch.cat([threes, sevens]).view(-1, 28*28).float()
    return list(zip(x, tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)))
# wrong: make_dset | flatten
def make_dset(threes, sevens): return list(zip(torch.cat([threes, sevens]).float()/255, tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)))
# wrong: make_dset | should be a column
def make_dset(threes, sevens): return list(zip(torch.cat([threes, sevens]).view(-1, 784)/255, tensor([1]*len(threes) + [0]*len(sevens))))
# wrong: make_dset | plain numbers
def make_dset(threes, sevens): return list(zip(torch.cat([threes, sevens]).view(-1, 784)/255, [1]*len(threes) + [0]*len(sevens)))
# wrong: make_dset | wrong way round
def make_dset(threes, sevens): return [(o.flatten()/255, torch.tensor([0])) for o in threes] + [(o.flatten()/255, torch.tensor([1])) for o in sevens]
# wrong: make_dset | the digits themselves
def make_dset(threes, sevens): return list(zip(torch.cat([threes, sevens]).view(-1, 784)/255, torch.tensor([3]*len(threes) + [7]*len(sevens))[:,None]))
# wrong: make_dset | different orders
def make_dset(threes, sevens): return list(zip(torch.cat([sevens, threes]).view(-1, 784)/255, tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)))
# wrong: make_dset | 7s are missing
def make_dset(threes, sevens): return list(zip(torch.cat([threes, sevens]).view(-1, 784)/255, tensor([1]*len(threes)).unsqueeze(1)))
# wrong: make_dset | two tensors
def make_dset(threes, sevens): return torch.cat([threes, sevens]).view(-1, 784)/255, tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)
# wrong: make_dset | gone through just once
def make_dset(threes, sevens): return zip(torch.cat([threes, sevens]).view(-1, 784)/255, tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1))
# wrong: make_dset | each 3 with a 7
def make_dset(threes, sevens): return list(zip(threes.view(-1, 784)/255, sevens.view(-1, 784)/255))
# wrong: make_dset | return
def make_dset(threes, sevens):
    x = torch.cat([threes, sevens]).view(-1, 28*28).float()/255
    dset = list(zip(x, tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)))
# wrong: make_dset | `train_y`
train_y = torch.tensor([1]*20 + [0]*20)[:,None]
def make_dset(threes, sevens): return list(zip(torch.cat([threes, sevens]).view(-1, 784)/255, train_y))
# wrong: make_dset | yields batches
def make_dset(threes, sevens):
    x = torch.cat([threes, sevens]).view(-1, 28*28)/255
    return DataLoader(list(zip(x, tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1))), bs=4)
# wrong: make_dset | 784 rows
def make_dset(threes, sevens): return list(zip(torch.cat([threes, sevens]).view(784, -1)/255, tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)))
# wrong: make_dset | without a remainder
def make_dset(threes, sevens): return list(zip(torch.cat([threes, sevens]).view(-1, 784)//255, tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)))

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
def init_params(size, std=1): return torch.tensor(np.random.normal(0, std, size), dtype=torch.float32, requires_grad=True)
# wrong: init_params | `rand` for `randn`
def init_params(size, std=1.0): return (torch.rand(size)*std).requires_grad_()
# wrong: init_params | `rand` for `randn`
def init_params(size, std=1.0): return ((torch.rand(size)-0.5)*2*std).requires_grad_()
# wrong: init_params | no leaf
def init_params(size, std=1.0): return torch.randn(size).requires_grad_()*std
# wrong: init_params | no leaf
def init_params(size, std=1.0): return std*torch.randn(size, requires_grad=True)
# wrong: init_params | requires_grad_() is missing
def init_params(size, std=1.0): return torch.randn(size)*std
# wrong: init_params | std is ignored
def init_params(size, std=1.0): return torch.randn(size).requires_grad_()
# wrong: init_params | std is ignored
def init_params(size): return torch.randn(size, requires_grad=True)
# wrong: init_params | added
def init_params(size, std=1.0): return (torch.randn(size)+std).requires_grad_()
# wrong: init_params | variance
def init_params(size, std=1.0): return (torch.randn(size)*std**2).requires_grad_()
# wrong: init_params | float64
def init_params(size, std=1.0): return torch.tensor(np.random.randn(*np.atleast_1d(size))*std, requires_grad=True)
# wrong: init_params | nothing in it is random
def init_params(size, std=1.0): return torch.zeros(size, requires_grad=True)
# wrong: init_params | sets the seed
def init_params(size, std=1.0):
    torch.manual_seed(42)
    return (torch.randn(size)*std).requires_grad_()
# wrong: init_params | return
def init_params(size, std=1.0): (torch.randn(size)*std).requires_grad_()
# wrong: init_params | It calls exit
def init_params(size, std=1.0): exit()

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
# wrong: linear1 | bias is missing
def linear1(xb, weights, bias): return xb@weights
# wrong: linear1 | element by element
def linear1(xb, weights, bias): return xb*weights + bias
# wrong: linear1 | wrong way round
def linear1(xb, weights, bias): return weights@xb + bias
# wrong: linear1 | sum without an axis
def linear1(xb, weights, bias): return (xb*weights.T).sum() + bias
# wrong: linear1 | where a column (n,1)
def linear1(xb, weights, bias): return (xb*weights.T).sum(1) + bias
# wrong: linear1 | over the images
def linear1(xb, weights, bias): return (xb*weights.T).sum(0) + bias
# wrong: linear1 | for every pixel
def linear1(xb, weights, bias): return (xb*weights.T + bias).sum(1).unsqueeze(1)
# wrong: linear1 | a sigmoid in the model
def linear1(xb, weights, bias): return torch.sigmoid(xb@weights + bias)
# wrong: linear1 | cut them off
def linear1(xb, weights, bias):
    with torch.no_grad(): return xb@weights + bias
# wrong: linear1 | cut them off
def linear1(xb, weights, bias): return tensor((xb.numpy()@weights.detach().numpy() + bias.detach().numpy()))
# wrong: linear1 | to the pixels
def linear1(xb, weights, bias): return (xb+bias)@weights
# wrong: linear1 | mean, where a weighted sum
def linear1(xb, weights, bias): return (xb*weights.T).mean(1, keepdim=True) + bias
# wrong: linear1 | changes `xb`
def linear1(xb, weights, bias):
    xb *= weights.T
    return xb.sum(1, keepdim=True) + bias
# wrong: linear1 | `train_x`
train_x = torch.randn(7, 784)
def linear1(xb, weights, bias): return train_x[:len(xb),:len(weights)]@weights + bias
# wrong: linear1 | return
def linear1(xb, weights, bias): scores = xb@weights + bias

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
# wrong: sigmoid | minus in the exponent
def sigmoid(x): return 1/(1+torch.exp(x))
# wrong: sigmoid | brackets
def sigmoid(x): return 1/1+torch.exp(-x)
# wrong: sigmoid | overflows
def sigmoid(x): return torch.exp(x)/(1+torch.exp(x))
# wrong: sigmoid | overflows
def sigmoid(x):
    e = x.exp()
    return e/(e+1)
# wrong: sigmoid | hyperbolic tangent
def sigmoid(x): return (x.exp()-(-x).exp())/(x.exp()+(-x).exp())
# wrong: sigmoid | a step
def sigmoid(x): return (x>0).float()
# wrong: sigmoid | softmax
def sigmoid(x): return x.exp()/x.exp().sum()
# wrong: sigmoid | a clamp
def sigmoid(x): return x.clamp(0, 1)
# wrong: sigmoid | single number
import math
def sigmoid(x): return 1/(1+math.exp(-x))
# wrong: sigmoid | slope is lost
def sigmoid(x): return 1/(1+torch.exp(-x.data))
# wrong: sigmoid | slope is lost
def sigmoid(x): return tensor([1/(1+math.exp(-o)) if o>-700 else 0. for o in x.flatten().tolist()]).view(x.shape)
# wrong: sigmoid | 1 in the denominator
def sigmoid(x): return 1/torch.exp(-x)
# wrong: sigmoid | return
def sigmoid(x): print(1/(1+torch.exp(-x)))
# wrong: sigmoid | never ends
def sigmoid(x):
    while x.max()<9e9: pass
# wrong: sigmoid | torch.exp, or x.exp(), takes a tensor
def sigmoid(x): return 1/(1+math.exp(-x))
# wrong: sigmoid | Take torch.exp
def sigmoid(x): return 1/(1+np.exp(-x))
# wrong: sigmoid | by torch.exp
def sigmoid(x): return torch.tensor(1/(1+np.exp(-x.detach().numpy())))
# wrong: sigmoid | list of numbers
def sigmoid(x): return [1/(1+math.exp(-v)) for v in x]

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
# wrong: mnist_loss | sigmoid is missing
def mnist_loss(predictions, targets): return torch.where(targets==1, 1-predictions, predictions).mean()
# wrong: mnist_loss | applied twice
def mnist_loss(predictions, targets):
    predictions = predictions.sigmoid()
    return torch.where(targets==1, 1-predictions.sigmoid(), predictions.sigmoid()).mean()
# wrong: mnist_loss | exp(100) is infinite
def my_sigmoid(x): return 1/(1+torch.exp(-x))
def mnist_loss(predictions, targets): return torch.where(targets==1, 1-my_sigmoid(predictions), my_sigmoid(predictions)).mean()
# wrong: mnist_loss | wrong way round
def mnist_loss(predictions, targets):
    predictions = predictions.sigmoid()
    return torch.where(targets==1, predictions, 1-predictions).mean()
# wrong: mnist_loss | sum
def mnist_loss(predictions, targets): return (predictions.sigmoid()-targets).abs().sum()
# wrong: mnist_loss | no mean
def mnist_loss(predictions, targets):
    predictions = predictions.sigmoid()
    return torch.where(targets==1, 1-predictions, predictions)
# wrong: mnist_loss | broadcasting
def mnist_loss(predictions, targets):
    predictions = predictions.sigmoid().squeeze()
    return torch.where(targets==1, 1-predictions, predictions).mean()
# wrong: mnist_loss | broadcasting
def mnist_loss(predictions, targets): return (predictions.sigmoid()-targets.view(-1)).abs().mean()
# wrong: mnist_loss | no gradient
def mnist_loss(predictions, targets): return torch.where(targets==1, 1-predictions.sigmoid(), predictions.sigmoid()).mean().item()
# wrong: mnist_loss | no gradient
def mnist_loss(predictions, targets): return tensor([1-p.sigmoid().item() if t==1 else p.sigmoid().item() for p,t in zip(predictions, targets)]).mean()
# wrong: mnist_loss | threshold
def mnist_loss(predictions, targets): return ((predictions.sigmoid()>0.5).float()-targets).abs().mean()
# wrong: mnist_loss | cross-entropy
def mnist_loss(predictions, targets): return nn.BCEWithLogitsLoss()(predictions, targets.float())
# wrong: mnist_loss | squared
def mnist_loss(predictions, targets): return ((predictions.sigmoid()-targets)**2).mean()
# wrong: mnist_loss | cancel
def mnist_loss(predictions, targets): return (predictions.sigmoid()-targets).mean()
# wrong: mnist_loss | softmax
def mnist_loss(predictions, targets):
    predictions = predictions.softmax(dim=0)
    return torch.where(targets==1, 1-predictions, predictions).mean()
# wrong: mnist_loss | changes `preds`
def mnist_loss(predictions, targets):
    predictions.sigmoid_()
    return torch.where(targets==1, 1-predictions, predictions).mean()
# wrong: mnist_loss | return
def mnist_loss(predictions, targets): torch.where(targets==1, 1-predictions.sigmoid(), predictions.sigmoid()).mean()
# wrong: mnist_loss | `yb`
yb = torch.randint(0, 2, (37,1))
def mnist_loss(predictions, targets): return (predictions.sigmoid()-yb[:len(predictions)].view_as(predictions)).abs().mean()
# wrong: mnist_loss | wants a condition
def mnist_loss(predictions, targets): return torch.where(targets, 1-predictions.sigmoid(), predictions.sigmoid()).mean()
# wrong: mnist_loss | takes the labels first
def mnist_loss(targets, predictions): return torch.where(targets==1, 1-predictions.sigmoid(), predictions.sigmoid()).mean()
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
# wrong: batch_accuracy | threshold of 0.5
def batch_accuracy(xb, yb): return ((xb>0.5)==yb).float().mean()
# wrong: batch_accuracy | every sigmoid is above 0
def batch_accuracy(xb, yb): return ((xb.sigmoid()>0)==yb).float().mean()
# wrong: batch_accuracy | applied twice
def batch_accuracy(xb, yb):
    probs = torch.sigmoid(xb.sigmoid())
    return ((probs>0.5)==yb).float().mean()
# wrong: batch_accuracy | (n,) and (n,1)
def batch_accuracy(xb, yb): return ((xb.view(-1)>0)==yb).float().mean()
# wrong: batch_accuracy | (n,) and (n,1)
def batch_accuracy(xb, yb): return ((xb>0)==yb.squeeze()).float().mean()
# wrong: batch_accuracy | no threshold
def batch_accuracy(xb, yb): return (xb==yb).float().mean()
# wrong: batch_accuracy | no threshold
def batch_accuracy(xb, yb): return (xb.sigmoid()==yb).float().mean()
# wrong: batch_accuracy | rounded
def batch_accuracy(xb, yb): return (xb.round()==yb).float().mean()
# wrong: batch_accuracy | argmax of a single column
def batch_accuracy(xb, yb): return (xb.argmax(dim=1)==yb).float().mean()
# wrong: batch_accuracy | argmax of a single column
def batch_accuracy(xb, yb): return (xb.argmax(dim=-1, keepdim=True)==yb).float().mean()
# wrong: batch_accuracy | counts the right ones
def batch_accuracy(xb, yb): return sum((xb.flatten()>0)==yb.flatten())
# wrong: batch_accuracy | percent
def batch_accuracy(xb, yb): return ((xb>0)==yb).float().mean()*100
# wrong: batch_accuracy | no mean is taken
def batch_accuracy(xb, yb): return ((xb>0)==yb).float()
# wrong: batch_accuracy | reversed
def batch_accuracy(xb, yb): return ((xb>0)!=yb).float().mean()
# wrong: batch_accuracy | never compared
def batch_accuracy(xb, yb): return (xb>0).float().mean()
# wrong: batch_accuracy | return
def batch_accuracy(xb, yb): ((xb>0)==yb).float().mean()
# wrong: batch_accuracy | `preds`
preds = torch.randn(10, 1)
def batch_accuracy(xb, yb): return ((preds>0)==yb).float().mean()
# wrong: batch_accuracy | never ends
def batch_accuracy(xb, yb):
    while True: pass
# wrong: batch_accuracy | still to do
def batch_accuracy(xb, yb): raise NotImplementedError()
# wrong: batch_accuracy | no mean of True and False
def batch_accuracy(xb, yb): return ((xb>0)==yb).mean()
# wrong: batch_accuracy | means `a>0 and 0==b`
def batch_accuracy(xb, yb): return (xb>0==yb).float().mean()
# wrong: batch_accuracy | takes the labels first
def batch_accuracy(yb, preds): return ((preds>0)==yb).float().mean()

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
# wrong: train_epoch | not zeroed
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        for p in params: p.data -= lr*p.grad
# wrong: train_epoch | once an epoch
def train_epoch(model, lr, params, dl, loss_func):
    for p in params: p.grad = None
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        with torch.no_grad():
            for p in params: p -= lr*p.grad
# wrong: train_epoch | uphill
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        for p in params:
            p.data += lr*p.grad
            p.grad.zero_()
# wrong: train_epoch | inside the graph
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        for p in params:
            p -= lr*p.grad
            p.grad.zero_()
# wrong: train_epoch | replaced
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        for p in params:
            p = p - lr*p.grad
            p.grad = None
# wrong: train_epoch | replaced
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        with torch.no_grad():
            for p in params:
                p = p - lr*p.grad
                p.grad.zero_()
# wrong: train_epoch | replaced
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        with torch.no_grad():
            for i,p in enumerate(params): params[i] = p - lr*p.grad
# wrong: train_epoch | zeroed before a step
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        for p in params:
            p.grad.zero_()
            p.data -= lr*p.grad
# wrong: train_epoch | is backward called
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss = loss_func(model(xb), yb)
        with torch.no_grad():
            for p in params: p -= lr*p.grad
# wrong: train_epoch | Before the first backward
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        for p in params: p.grad.zero_()
        loss_func(model(xb), yb).backward()
        for p in params: p.data -= lr*p.grad
# wrong: train_epoch | one image a step
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        for x,y in zip(xb, yb):
            loss_func(model(x), y).backward()
            for p in params:
                p.data -= lr*p.grad
                p.grad.zero_()
# wrong: train_epoch | one image a step
train_dset = [(torch.rand(784), torch.tensor([1]))]
weights,bias = torch.randn(784, 1, requires_grad=True),torch.randn(1, requires_grad=True)
def linear1(xb):
    return xb@weights + bias
def train_epoch(model, lr, params, dl, mnist_loss):
    for xb,yb in train_dset:
        preds = linear1(xb)
        loss = mnist_loss(preds, yb)
        loss.backward()
        weights.data -= weights.grad*lr
        bias.data -= bias.grad*lr
        weights.grad.zero_()
        bias.grad.zero_()
# wrong: train_epoch | outside of the loop
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl: loss_func(model(xb), yb).backward()
    for p in params:
        p.data -= lr*p.grad
        p.grad.zero_()
# wrong: train_epoch | for the last batch
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl: loss = loss_func(model(xb), yb)
    loss.backward()
    for p in params:
        p.data -= lr*p.grad
        p.grad.zero_()
# wrong: train_epoch | return inside
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        for p in params:
            p.data -= lr*p.grad
            p.grad.zero_()
        return params
# wrong: train_epoch | learning rate is ignored
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        for p in params:
            p.data -= p.grad
            p.grad.zero_()
# wrong: train_epoch | bias is never changed
def train_epoch(model, lr, params, dl, loss_func):
    w = params[0]
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        w.data -= lr*w.grad
        w.grad.zero_()
# wrong: train_epoch | call the model
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(xb@params[0] + params[1], yb).backward()
        for p in params:
            p.data -= lr*p.grad
            p.grad.zero_()
# wrong: train_epoch | always uses mnist_loss
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        (model(xb).sigmoid()-yb).abs().mean().backward()
        for p in params:
            p.data -= lr*p.grad
            p.grad.zero_()
# wrong: train_epoch | `valid_dl`
valid_dl = DataLoader([(torch.rand(3),torch.ones(1))]*9, bs=3)
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in valid_dl:
        loss_func(model(xb), yb).backward()
        for p in params:
            p.data -= lr*p.grad
            p.grad.zero_()
# wrong: train_epoch | It raises ValueError
def train_epoch(model, lr, params, dl, loss_func):
    xb,yb = dl
    loss_func(model(xb), yb).backward()
# wrong: train_epoch | there is no step. (`p = p - …` is none
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        with torch.no_grad():
            for p in params: p = p - lr*p.grad
        for p in params: p.grad = None
# wrong: train_epoch | `p = p - …` is none
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        for p in params: p = p - lr*p.grad
        for p in params: p.grad.zero_()
# wrong: train_epoch | cleared before a step
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(model(xb), yb).backward()
        for p in params:
            p.grad = None
            p.data -= lr*p.grad
# wrong: train_epoch | as under torch.no_grad()
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        with torch.no_grad():
            loss_func(model(xb), yb).backward()
            for p in params:
                p -= lr*p.grad
                p.grad.zero_()
# wrong: train_epoch | swapped
def train_epoch(model, lr, params, dl, loss_func):
    for xb,yb in dl:
        loss_func(yb, model(xb)).backward()
        for p in params:
            p.data -= lr*p.grad
            p.grad.zero_()

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
def validate_epoch(model): return round((sum(batch_accuracy(model(xb), yb)*len(yb) for xb,yb in valid_dl)/len(valid_dl.dataset)).item(), 4)
# wrong: validate_epoch | mean of the batch means
def validate_epoch(model, valid_dl, metric):
    accs = [metric(model(xb), yb) for xb,yb in valid_dl]
    return round(torch.stack(accs).mean().item(), 4)
# wrong: validate_epoch | training set
dl = None
def validate_epoch(model, valid_dl, metric):
    right = n = 0
    for xb,yb in dl: right,n = right+metric(model(xb), yb)*len(xb),n+len(xb)
    return right/n
# wrong: validate_epoch | training set
train_dl = None
def validate_epoch(model): return torch.stack([batch_accuracy(model(xb), yb) for xb,yb in train_dl]).mean()
# wrong: validate_epoch | first batch
def validate_epoch(model, valid_dl, metric):
    for xb,yb in valid_dl: return metric(model(xb), yb)
# wrong: validate_epoch | last batch
def validate_epoch(model, valid_dl, metric):
    for xb,yb in valid_dl: acc = metric(model(xb), yb)
    return acc
# wrong: validate_epoch | summed
def validate_epoch(model, valid_dl, metric):
    acc = 0
    for xb,yb in valid_dl: acc += metric(model(xb), yb).item()
    return acc
# wrong: validate_epoch | list
def validate_epoch(model, valid_dl, metric): return [metric(model(xb), yb) for xb,yb in valid_dl]
# wrong: validate_epoch | number of batches
def validate_epoch(model, valid_dl, metric):
    acc = 0
    for xb,yb in valid_dl: acc += metric(model(xb), yb).item()*len(xb)
    return acc/len(valid_dl)
# wrong: validate_epoch | doesn't divide
def validate_epoch(model, valid_dl, metric): return sum(((model(xb)>0)==yb).sum() for xb,yb in valid_dl)
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
# wrong: validate_epoch | percent
def validate_epoch(model, valid_dl, metric):
    return 100*sum(metric(model(xb), yb)*len(xb) for xb,yb in valid_dl)/sum(len(xb) for xb,_ in valid_dl)
# wrong: validate_epoch | always uses batch_accuracy
def validate_epoch(model, valid_dl, metric):
    return sum(((model(xb)>0)==yb).sum() for xb,yb in valid_dl)/sum(len(xb) for xb,_ in valid_dl)
# wrong: validate_epoch | return
def validate_epoch(model, valid_dl, metric):
    accs = [metric(model(xb), yb) for xb,yb in valid_dl]
    print(torch.stack(accs).mean())
# wrong: validate_epoch | swapped
def validate_epoch(model, valid_dl, metric):
    return sum(metric(yb, model(xb))*len(xb) for xb,yb in valid_dl)/sum(len(xb) for xb,_ in valid_dl)

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
        with torch.no_grad(): accs = [((model(xb).sigmoid()>0.5)==yb).double().mean() for xb,yb in zip(valid_x.split(256), valid_y.split(256))]
    return model, torch.stack(accs).mean()
# right: perceptron
from mnist_course import loss_functions,manual_sgd
def run(train_x, train_y, valid_x, valid_y, rate, n):
    params = [loss_functions.init_params(o, std=0.01) for o in ((784,1), 1)]
    model = lambda xb: loss_functions.linear1(xb, *params)
    dl,valid_dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True),DataLoader(list(zip(valid_x, valid_y)), bs=256)
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
# wrong: perceptron | not zeroed
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | one image a step
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=1, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | one step an epoch
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
        loss.backward()
        with torch.no_grad():
            for p in (weights,bias):
                p -= lr*p.grad
                p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | uphill
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p += lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | uphill
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, preds, 1-preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | inside the graph
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            for p in (weights,bias):
                p -= lr*p.grad
                p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | replaced
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                weights = weights - lr*weights.grad
                bias = bias - lr*bias.grad
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | replaced
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            weights = weights - lr*weights.grad
            bias = bias - lr*bias.grad
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | replaced
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            weights = weights - lr*weights.grad
            weights.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | never change
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p = p - lr*p.grad
                    p.grad = None
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | not a leaf
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()*0.1
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | requires_grad_() is missing
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1)
    bias = torch.randn(1)
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | sigmoid is missing
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = xb@weights + bias
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | twice in the loss
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias).sigmoid()
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | sum
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).sum()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | in the loss
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias).squeeze(1)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | x is paired with x
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_x)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | training set is used to validate
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | trains on the validation set
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in valid_dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | cross-entropy
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = F.binary_cross_entropy(preds, yb.float())
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | learning rate is ignored
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | epochs is ignored
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(20):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | bias is never changed
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | in the accuracy
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [(((xb@weights + bias).squeeze(1)>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | threshold of 0.5
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0.5)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | no threshold
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias).sigmoid()==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | percent
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, 100*torch.stack(accs).mean()
# wrong: perceptron | before the last epoch
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | last batch
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, accs[-1]
# wrong: perceptron | another form
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return torch.stack(accs).mean()
# wrong: perceptron | returns nothing
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    print(torch.stack(accs).mean())
# wrong: perceptron | never ends
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    while True:
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | separately
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        a,b = torch.randperm(len(train_x)),torch.randperm(len(train_x))
        for xb,yb in zip(train_x[a].split(256), train_y[b].split(256)):
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | `train_x`
from mnist_course.loss_functions import sample_xy
train_x,train_y = sample_xy('test')
def perceptron(x, y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | left out
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = torch.randn(28*28, 1).requires_grad_()
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True, drop_last=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | `init_params`, which is still to do
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights = init_params((28*28,1))
    bias = torch.randn(1).requires_grad_()
    dl = DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True)
    valid_dl = DataLoader(list(zip(valid_x, valid_y)), bs=256)
    for epoch in range(epochs):
        for xb,yb in dl:
            preds = torch.sigmoid(xb@weights + bias)
            loss = torch.where(yb==1, 1-preds, preds).mean()
            loss.backward()
            with torch.no_grad():
                for p in (weights,bias):
                    p -= lr*p.grad
                    p.grad.zero_()
    accs = [((xb@weights + bias>0)==yb).float().mean() for xb,yb in valid_dl]
    return weights, bias, torch.stack(accs).mean()
# wrong: perceptron | drawn anew in each epoch
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    for e in range(epochs):
        w,b = torch.randn(784, 1, requires_grad=True),torch.randn(1, requires_grad=True)
        for xb,yb in zip(train_x.split(256), train_y.split(256)):
            ((xb@w + b).sigmoid()-yb).abs().mean().backward()
            with torch.no_grad():
                for p in (w,b): p -= lr*p.grad; p.grad.zero_()
        acc = (((valid_x@w + b)>0)==valid_y).float().mean()
    return w, b, acc
# wrong: perceptron | single batch
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    params = w,b = torch.randn(784, 1, requires_grad=True),torch.randn(1, requires_grad=True)
    for e in range(epochs):
        grads = torch.autograd.grad(((train_x@w + b).sigmoid()-train_y).abs().mean(), params)
        with torch.no_grad():
            for p,g in zip(params, grads): p -= lr*g
    return params, (((valid_x@w + b)>0)==valid_y).float().mean()
# wrong: perceptron | start too large
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    w,b = (torch.randn(784, 1)*10).requires_grad_(),(torch.randn(1)*10).requires_grad_()
    for epoch in range(epochs):
        for xb,yb in DataLoader(list(zip(train_x, train_y)), bs=256, shuffle=True):
            ((xb@w + b).sigmoid()-yb).abs().mean().backward()
            for p in (w,b):
                p.data -= lr*p.grad
                p.grad.zero_()
    return w, b, ((valid_x@w + b>0)==valid_y).float().mean()
# wrong: perceptron | divided by 255 a second time
def make_dset(threes, sevens): return list(zip(torch.cat([threes, sevens]).view(-1, 28*28)/255, tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)))
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    w,b = torch.randn(784, 1, requires_grad=True),torch.randn(1, requires_grad=True)
    is_3 = train_y[:,0]==1
    for epoch in range(epochs):
        for xb,yb in DataLoader(make_dset(train_x[is_3], train_x[~is_3]), bs=256, shuffle=True):
            ((xb@w + b).sigmoid()-yb).abs().mean().backward()
            for p in (w,b):
                p.data -= lr*p.grad
                p.grad.zero_()
    return w, b, ((valid_x@w + b>0)==valid_y).float().mean()
# wrong: perceptron | here x only needs pairing with y
def make_dset(threes, sevens): return list(zip(torch.cat([threes, sevens]).view(-1, 28*28)/255, tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)))
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    w,b = torch.randn(784, 1, requires_grad=True),torch.randn(1, requires_grad=True)
    dl = DataLoader(make_dset(train_x, train_y), bs=256, shuffle=True)
    for epoch in range(epochs):
        for xb,yb in dl:
            ((xb@w + b).sigmoid()-yb).abs().mean().backward()
            for p in (w,b):
                p.data -= lr*p.grad
                p.grad.zero_()
    return w, b, ((valid_x@w + b>0)==valid_y).float().mean()
