# right: colour_batch
def colour_batch(): return [64,3,32,48]
# right: colour_batch
def colour_batch():
    photo = torch.stack([torch.zeros(32, 48) for _ in 'rgb'])
    return torch.stack([photo]*64).shape
# right: colour_batch
def colour_batch():
    n,sheets,height,width = torch.tensor([64,3,32,48])
    return n,sheets,height,width
# wrong: colour_batch | colours come last
def colour_batch(): return (64, 32, 48, 3)
# wrong: colour_batch | as if grey
def colour_batch(): return torch.zeros(64, 32, 48).unsqueeze(1).shape
# wrong: colour_batch | type is wrong: return whole numbers
def colour_batch(): return torch.zeros(64, 3, 32, 48)

# right: cat_and_view
def cat_and_view(): return [12396,784]
# right: cat_and_view
def cat_and_view():
    threes,sevens = torch.zeros(6131, 28, 28),torch.zeros(6265, 28, 28)
    return torch.cat([threes, sevens]).view(-1, 28*28).shape
# right: cat_and_view
def cat_and_view(): return torch.Size([6131 + 6265, 28**2])
# wrong: cat_and_view | `view` replaces the -1
def cat_and_view(): return (-1, 28*28)
# wrong: cat_and_view | one row of each image
def cat_and_view(): return (12396, 28)
# wrong: cat_and_view | `view(-1)`
def cat_and_view(): return torch.cat([torch.zeros(6131, 28, 28), torch.zeros(6265, 28, 28)]).view(-1).shape

# right: seen_in_view
def seen_in_view(): return (2, 1)
# right: seen_in_view
def seen_in_view():
    a = torch.zeros(4, 6)
    a.view(3, 8)[1,5] = 7
    return a.nonzero()[0]
# right: seen_in_view
def seen_in_view():
    a = [[6*row + column for column in range(6)] for row in range(4)]
    return [[row, a[row].index(13)] for row in range(4) if 13 in a[row]][0]
# wrong: seen_in_view | down the columns of `a`
def seen_in_view(): return 13%4, 13//4
# wrong: seen_in_view | In which row and column
def seen_in_view(): return 13
# wrong: seen_in_view | takes `b` for a copy
def seen_in_view():
    a = torch.zeros(4, 6)
    b = a.clone().view(3, 8)
    b[1,5] = 7.
    return tuple(a.nonzero().flatten().tolist())

# right: ink_levels
def ink_levels(pixels): return [p/255 for p in pixels if p]
# right: ink_levels
def ink_levels(img):
    out = []
    for i in range(len(img)):
        if img[i] <= 0: continue
        out.append(img[i]*(1/255))
    return out
# right: ink_levels
def ink_levels(ps):
    t = torch.tensor(ps).float()
    return (t[t>0]/255).tolist()
# wrong: ink_levels | generator
def ink_levels(pixels): return (p/255 for p in pixels if p>0)
# wrong: ink_levels | steps over some
def ink_levels(pixels):
    res = pixels[:]
    for p in res:
        if p==0: res.remove(p)
    return [p/255 for p in res]
# wrong: ink_levels | (2) The levels are not divided
def ink_levels(pixels):
    ink = []
    for p in pixels:
        if p>=0: ink.append(p)
    return ink

# right: broadcast_accuracy
def broadcast_accuracy(): return 0.625
# right: broadcast_accuracy
def broadcast_accuracy():
    labels = torch.cat([torch.ones(48), torch.zeros(16)])
    preds = labels[:,None]*4 - 2
    return ((preds>0) == labels).float().mean()
# right: broadcast_accuracy
def broadcast_accuracy():
    p = 48/64
    return p*p + (1-p)**2
# wrong: broadcast_accuracy | compares every answer with every label
def broadcast_accuracy(): return 1.0
# wrong: broadcast_accuracy | counts the 3s only
def broadcast_accuracy(): return (48/64)**2
# wrong: broadcast_accuracy | type is wrong: return a number
def broadcast_accuracy(): return '62.5%'

# right: l1_and_rmse
def l1_and_rmse(): return 0.010, 0.071
# right: l1_and_rmse
def l1_and_rmse():
    a = torch.zeros(28, 28)
    b = a.clone()
    b[10,:16] = 0.5
    return [(a-b).abs().mean(), (a-b).pow(2).mean().sqrt()]
# right: l1_and_rmse
def l1_and_rmse():
    d = torch.tensor([-0.5]*16 + [0.]*(784-16))
    return torch.stack([d.abs().mean(), torch.nn.functional.mse_loss(d, d*0)**0.5])
# wrong: l1_and_rmse | The second is the MSE
def l1_and_rmse():
    d = torch.tensor([0.5]*16 + [0.]*768)
    return d.abs().mean(), (d**2).mean()
# wrong: l1_and_rmse | root comes before the mean
def l1_and_rmse():
    d = torch.tensor([0.5]*16 + [0.]*768)
    return d.abs().mean(), (d**2).sqrt().mean()
# wrong: l1_and_rmse | rounded too much
def l1_and_rmse(): return 0.01, 0.07

# right: parameters_of_net
def parameters_of_net(sizes): return sum((a+1)*b for a,b in zip(sizes[:-1], sizes[1:]))
# right: parameters_of_net
def parameters_of_net(layers):
    n = 0
    for i in range(1, len(layers)): n += layers[i-1]*layers[i] + layers[i]
    return n
# right: parameters_of_net
def parameters_of_net(s):
    net = torch.nn.Sequential(*[torch.nn.Linear(s[i], s[i+1]) for i in range(len(s)-1)])
    return torch.tensor([p.numel() for p in net.parameters()]).sum()
# wrong: parameters_of_net | biases of the last layer
def parameters_of_net(sizes):
    n = 0
    for i in range(len(sizes)-1): n += sizes[i]*sizes[i+1] + (sizes[i+1] if i+1 < len(sizes)-1 else 0)
    return n
# wrong: parameters_of_net | Every circle of the layer
def parameters_of_net(sizes): return sum(a+1 for a,_ in zip(sizes, sizes[1:]))
# wrong: parameters_of_net | (2) There is one bias for each layer
def parameters_of_net(sizes):
    n = 0
    for i in range(1, len(sizes)-1): n += sizes[i-1]*sizes[i] + 1
    return n

# right: forward_by_hand
def forward_by_hand(): return -6.5
# right: forward_by_hand
def forward_by_hand():
    x = torch.tensor([[1.,2.]])
    h = torch.relu(x@torch.tensor([[1.,2.],[-1.,0.5]]) + torch.tensor([0.5,2.]))
    return h@torch.tensor([[3.],[-1.5]]) + 1
# right: forward_by_hand
def forward_by_hand():
    x = 1,2
    hidden = [max(0, sum(w*o for w,o in zip(ws, x)) + b) for ws,b in (((1,-1),0.5),((2,0.5),2))]
    return 1 + sum(w*h for w,h in zip((3,-1.5), hidden))
# wrong: forward_by_hand | ReLU is missing
def forward_by_hand():
    h1,h2 = 1-2+0.5,2+1+2
    return 3*h1 - 1.5*h2 + 1
# wrong: forward_by_hand | x1 and x2 are swapped
def forward_by_hand(): return 3*max(2-1+0.5, 0) - 1.5*max(4+0.5+2, 0) + 1
# wrong: forward_by_hand | score itself is asked for
def forward_by_hand(): return torch.tensor(3*0 - 1.5*5 + 1).sigmoid()

# right: one_layer_for_two
def one_layer_for_two(w1, b1, w2, b2): return torch.matmul(w1, w2), torch.matmul(b1, w2).add(b2)
# right: one_layer_for_two
def one_layer_for_two(W, b, V, c):
    def two(x): return (x@W + b)@V + c
    zero = torch.zeros(1, len(W))
    bias = two(zero)
    return two(torch.eye(len(W))) - bias, bias
# right: one_layer_for_two
def one_layer_for_two(wa, ba, wb, bb): return [(wb.T@wa.T).T, (wb.T@ba.unsqueeze(1)).squeeze(1) + bb]
# wrong: one_layer_for_two | second bias is missing
def one_layer_for_two(w1, b1, w2, b2): return w1@w2, b1@w2
# wrong: one_layer_for_two | A matrix product is `@`
def one_layer_for_two(w1, b1, w2, b2): return w1*w2, b1*w2 + b2
# wrong: one_layer_for_two | (2) The first bias is missing
def one_layer_for_two(w1, b1, w2, b2): return torch.einsum('nm,mk->kn', w1, w2), b2.clone()

# right: mean_distance
def mean_distance(): return 0.34
# right: mean_distance
def mean_distance():
    p,y = torch.tensor([0.9,0.1,0.3,0.6,0.8]),torch.tensor([1,0,1,0,1])
    return torch.where(y==1, 1-p, p).mean()
# right: mean_distance
def mean_distance():
    pairs = (0.9,1),(0.1,0),(0.3,1),(0.6,0),(0.8,1)
    return sum(abs(y-p) for p,y in pairs)/len(pairs)
# wrong: mean_distance | two cases are swapped
def mean_distance():
    p,y = torch.tensor([0.9,0.1,0.3,0.6,0.8]),torch.tensor([1,0,1,0,1])
    return torch.where(y==1, p, 1-p).mean()
# wrong: mean_distance | counts the wrong answers only
def mean_distance(): return (0.7+0.6)/2
# wrong: mean_distance | type is wrong: return a number
def mean_distance():
    p,y = torch.tensor([0.9,0.1,0.3,0.6,0.8]),torch.tensor([1,0,1,0,1])
    return torch.where(y==1, 1-p, p)

# right: sigmoid_facts
def sigmoid_facts(): return ['A','C','E']
# right: sigmoid_facts
def sigmoid_facts(): return {'e','a','c'}
# right: sigmoid_facts
def sigmoid_facts(): return "A, C and E"
# wrong: sigmoid_facts | non-linearity between two layers
def sigmoid_facts(): return 'B'
# wrong: sigmoid_facts | What range do the scores
def sigmoid_facts(): return 'CE'
# wrong: sigmoid_facts | names no option
def sigmoid_facts(): return []

# right: slope_of
def slope_of(measure, preds, yb, h): return (measure(preds+h, yb) - measure(preds, yb))/h
# right: slope_of
def slope_of(func, scores, labels, step):
    before,after = func(scores, labels),func(scores.clone().add_(step), labels)
    return float(after-before)/step
# right: slope_of
def slope_of(f, preds, yb, eps):
    with torch.no_grad():
        ms = [f(preds + o*eps, yb).item() for o in (-1,1)]
        return torch.tensor((ms[1]-ms[0])/eps/2)
# wrong: slope_of | isn't divided by the way
def slope_of(measure, preds, yb, h): return measure(preds+h, yb) - measure(preds-h, yb)
# wrong: slope_of | accuracy has no derivative
def slope_of(measure, preds, yb, h):
    preds = preds.clone().requires_grad_()
    measure(preds, yb).backward()
    return preds.grad.sum()
# wrong: slope_of | (2) The change isn't divided
def slope_of(measure, preds, yb, h):
    before = measure(preds, yb)
    return before - measure(preds + h, yb)

# right: loss_or_metric
def loss_or_metric(): return ['loss','loss','metric','metric','loss','metric']
# right: loss_or_metric
def loss_or_metric(): return 'L, L, M, M, L, M'
# right: loss_or_metric
def loss_or_metric(): return tuple('llmmlm')
# wrong: loss_or_metric | Statement 2
def loss_or_metric(): return 'LMMMLM'
# wrong: loss_or_metric | six statements, and this is 5 letters
def loss_or_metric(): return 'LLMML'
# wrong: loss_or_metric | A set has no order
def loss_or_metric(): return {'L','M'}

# right: walk_down
def walk_down(w, lr, n):
    for i in range(n):
        grad = 2*w - 10
        w -= lr*grad
    return w
# right: walk_down
def walk_down(start, rate, steps):
    w = torch.tensor(start).requires_grad_()
    for _ in range(steps):
        ((w-5)**2).backward()
        w.data -= w.grad*rate
        w.grad = None
    return w
# right: walk_down
def walk_down(w, lr, n): return 5 + (w-5)*(1-2*lr)**n
# wrong: walk_down | `.grad` isn't cleared
def walk_down(w, lr, n):
    w = torch.tensor(w, requires_grad=True)
    for _ in range(n):
        ((w-5)**2).backward()
        with torch.no_grad(): w -= w.grad*lr
    return w.item()
# wrong: walk_down | hasn't moved
def walk_down(w, lr, n):
    for _ in range(n): w - 2*(w-5)*lr
    return w
# wrong: walk_down | (2) It takes one step too many
def walk_down(w, lr, n):
    while n>=0:
        w,n = w*(1-lr) + 5*lr,n-1
    return w

# right: order_of_steps
def order_of_steps(): return 'CEBFDGA'
# right: order_of_steps
def order_of_steps(): return ['c','e','b','f','d','g','a']
# right: order_of_steps
def order_of_steps(): return 'C -> E -> B -> F -> D -> G -> A'
# wrong: order_of_steps | step goes against the gradient
def order_of_steps(): return 'CEBDFGA'
# wrong: order_of_steps | G is missing
def order_of_steps(): return 'CEBFDA'
# wrong: order_of_steps | A set has no order
def order_of_steps(): return {*'CEBFDGA'}

# right: without_zero_grad
def without_zero_grad(): return 0.4
# right: without_zero_grad
def without_zero_grad():
    w = torch.tensor(1., requires_grad=True)
    for g in (0.4,-0.1,0.2):
        (g*w).backward()
        w.data -= 0.5*w.grad
    return w
# right: without_zero_grad
def without_zero_grad():
    w,grad = 1,0
    for g in (0.4,-0.1,0.2):
        grad += g
        w -= grad*0.5
    return w
# wrong: without_zero_grad | is cleared after each step
def without_zero_grad(): return 1 - 0.5*(0.4-0.1+0.2)
# wrong: without_zero_grad | only the last batch's step
def without_zero_grad(): return 1 - 0.5*0.2
# wrong: without_zero_grad | doesn't average
def without_zero_grad():
    w,grads = 1,[]
    for g in (0.4,-0.1,0.2):
        grads.append(g)
        w -= 0.5*sum(grads)/len(grads)
    return w

# right: shuffled_batches
def shuffled_batches(x, y, bs):
    i = torch.randperm(len(x))
    return list(zip(x[i].split(bs), y[i].split(bs)))
# right: shuffled_batches
def shuffled_batches(xs, ys, batch_size):
    import random
    rows = list(range(len(xs)))
    random.shuffle(rows)
    res = []
    while rows:
        now,rows = rows[:batch_size],rows[batch_size:]
        res.append([torch.stack([xs[r] for r in now]), torch.stack([ys[r] for r in now])])
    return res
# right: shuffled_batches
def shuffled_batches(x, y, bs):
    from torch.utils.data import DataLoader,TensorDataset
    return DataLoader(TensorDataset(x, y), batch_size=bs, shuffle=True)
# wrong: shuffled_batches | shuffles inside of each batch
def shuffled_batches(x, y, bs):
    for i in range(0, len(x), bs):
        xb,yb = x[i:i+bs],y[i:i+bs]
        rows = torch.randperm(len(xb))
        yield xb[rows],yb[rows]
# wrong: shuffled_batches | drawn anew
def shuffled_batches(x, y, bs):
    for _ in range(0, len(x), bs):
        rows = torch.randperm(len(x))[:bs]
        yield x[rows],y[rows]
# wrong: shuffled_batches | (1) The last batch, which is smaller, is left out. (2) Only x is shuffled
def shuffled_batches(x, y, bs):
    mixed = x[torch.randperm(len(x))]
    for b in range(len(x)//bs): yield mixed[b*bs:b*bs+bs],y[b*bs:b*bs+bs]

# right: batch_facts
def batch_facts(): return ('B','C','F')
# right: batch_facts
def batch_facts(): return 'f c b'
# right: batch_facts
def batch_facts(): return {'B','C'} | {'F'}
# wrong: batch_facts | keep the order of the data
def batch_facts(): return 'ABCF'
# wrong: batch_facts | How many steps does one pass give
def batch_facts(): return 'BF'
# wrong: batch_facts | type is wrong: return letters
def batch_facts(): return {'B': True, 'C': True, 'F': True}
