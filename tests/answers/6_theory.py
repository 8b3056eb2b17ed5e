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
# wrong: colour_batch | Width comes before height
def colour_batch(): return (64, 3, 48, 32)
# wrong: colour_batch | `stack` makes a new axis in front
def colour_batch(): return torch.stack([torch.zeros(3, 32, 48)]*64, dim=1).shape
# wrong: colour_batch | as if they were grey
def colour_batch(): return 64,32,48
# wrong: colour_batch | as if they were grey
def colour_batch(): return torch.zeros(64, 32, 48).unsqueeze(1).shape
# wrong: colour_batch | axis that counts the photos is missing
def colour_batch(): return torch.zeros(3, 32, 48).shape
# wrong: colour_batch | as `cat` would have it
def colour_batch(): return torch.cat([torch.zeros(3, 32, 48)]*64).shape
# wrong: colour_batch | flattened
def colour_batch(): return torch.stack([torch.zeros(3*32*48)]*64).shape
# wrong: colour_batch | That is the rank
def colour_batch(): return torch.zeros(64, 3, 32, 48).ndim
# wrong: colour_batch | how many numbers there are
def colour_batch(): return 64*3*32*48
# wrong: colour_batch | type is wrong: return whole numbers
def colour_batch(): return '(64, 3, 32, 48)'
# wrong: colour_batch | type is wrong: return whole numbers
def colour_batch(): return torch.zeros(64, 3, 32, 48)
# wrong: colour_batch | is `return` missing
def colour_batch(): (64, 3, 32, 48)
# right: cat_and_view
def cat_and_view(): return [12396,784]
# right: cat_and_view
def cat_and_view():
    threes,sevens = torch.zeros(6131, 28, 28),torch.zeros(6265, 28, 28)
    return torch.cat([threes, sevens]).view(-1, 28*28).shape
# right: cat_and_view
def cat_and_view(): return torch.Size([6131 + 6265, 28**2])
# wrong: cat_and_view | shape before `view`
def cat_and_view(): return torch.cat([torch.zeros(6131, 28, 28), torch.zeros(6265, 28, 28)]).shape
# wrong: cat_and_view | Rows and columns are swapped
def cat_and_view(): return (784, 12396)
# wrong: cat_and_view | `view` replaces the -1
def cat_and_view(): return (-1, 28*28)
# wrong: cat_and_view | 3s alone
def cat_and_view(): return (6131, 784)
# wrong: cat_and_view | 7s alone
def cat_and_view(): return (6265, 784)
# wrong: cat_and_view | as `stack` would make
def cat_and_view(): return torch.stack([torch.zeros(6131, 28*28)]*2).shape
# wrong: cat_and_view | one row of each image
def cat_and_view(): return (12396, 28)
# wrong: cat_and_view | `view(-1, 28)`
def cat_and_view(): return torch.cat([torch.zeros(6131, 28, 28), torch.zeros(6265, 28, 28)]).view(-1, 28).shape
# wrong: cat_and_view | `view(-1)`
def cat_and_view(): return torch.cat([torch.zeros(6131, 28, 28), torch.zeros(6265, 28, 28)]).view(-1).shape
# wrong: cat_and_view | The shape has a second length
def cat_and_view(): return 6131 + 6265
# wrong: cat_and_view | joins the images side by side
def cat_and_view(): return (6131, 1568)
# wrong: cat_and_view | shape of the labels
def cat_and_view(): return torch.tensor([1]*6131 + [0]*6265).unsqueeze(1).shape
# wrong: cat_and_view | RuntimeError
def cat_and_view(): return torch.stack([torch.zeros(6131, 28, 28), torch.zeros(6265, 28, 28)]).shape
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
# wrong: seen_in_view | its place in `b`
def seen_in_view(): return (1, 5)
# wrong: seen_in_view | Row and column are swapped
def seen_in_view(): return (1, 2)
# wrong: seen_in_view | counted from 1
def seen_in_view(): return (3, 2)
# wrong: seen_in_view | counts one place too few
def seen_in_view(): return divmod(1*7 + 5, 6)
# wrong: seen_in_view | counts one place too many
def seen_in_view(): return divmod(1*8 + 5 + 1, 6)
# wrong: seen_in_view | down the columns of `a`
def seen_in_view(): return 13%4, 13//4
# wrong: seen_in_view | down the columns of `b` and of `a`
def seen_in_view(): return (5*3+1)%4, (5*3+1)//4
# wrong: seen_in_view | In which row and column
def seen_in_view(): return 13
# wrong: seen_in_view | takes `b` for a copy
def seen_in_view(): return ()
# wrong: seen_in_view | takes `b` for a copy
def seen_in_view():
    a = torch.zeros(4, 6)
    b = a.clone().view(3, 8)
    b[1,5] = 7.
    return tuple(a.nonzero().flatten().tolist())
# wrong: seen_in_view | has only 6 numbers
def seen_in_view(): return [1, 7]
# wrong: seen_in_view | still to do
def seen_in_view(): raise NotImplementedError()
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
# right: ink_levels
def ink_levels(pixels): return list(map(lambda p: p/255, filter(None, pixels)))
# right: ink_levels
def ink_levels(pixels):
    ink = torch.tensor(pixels, dtype=torch.float)
    return ink[ink.nonzero().flatten()].div(255)
# wrong: ink_levels | keeps the zeros
def ink_levels(pixels): return [p/255 for p in pixels]
# wrong: ink_levels | `if … else` before it does not
def ink_levels(pixels): return [p/255 if p>0 else 0 for p in pixels]
# wrong: ink_levels | keeps the zeros
def ink_levels(pixels): return [p/255 for p in pixels if p>=0]
# wrong: ink_levels | only what is above 1
def ink_levels(pixels): return [p/255 for p in pixels if p>1]
# wrong: ink_levels | reversed
def ink_levels(pixels): return [p/255 for p in pixels if not p]
# wrong: ink_levels | `//`
def ink_levels(pixels): return [p//255 for p in pixels if p>0]
# wrong: ink_levels | not divided
def ink_levels(pixels): return [p for p in pixels if p>0]
# wrong: ink_levels | divides by 256
def ink_levels(pixels): return [p/256 for p in pixels if p>0]
# wrong: ink_levels | inside of the loop
def ink_levels(pixels):
    for p in pixels:
        if p>0: return p/255
# wrong: ink_levels | generator
def ink_levels(pixels): return (p/255 for p in pixels if p>0)
# wrong: ink_levels | set
def ink_levels(pixels): return {p/255 for p in pixels if p>0}
# wrong: ink_levels | only the dark half
def ink_levels(pixels): return [p/255 for p in pixels if p>127]
# wrong: ink_levels | doesn't pick them
def ink_levels(pixels): return [p/255>0 for p in pixels]
# wrong: ink_levels | steps over some
def ink_levels(pixels):
    res = pixels[:]
    for p in res:
        if p==0: res.remove(p)
    return [p/255 for p in res]
# wrong: ink_levels | changes the list that it is given
def ink_levels(pixels):
    while 0 in pixels: pixels.remove(0)
    return [p/255 for p in pixels]
# wrong: ink_levels | never ends
def ink_levels(pixels):
    i,res = 0,[]
    while i<len(pixels):
        if pixels[i]>0:
            res.append(pixels[i]/255)
            i += 1
    return res
# wrong: ink_levels | nothing: is `return` missing
def ink_levels(pixels): print([p/255 for p in pixels if p>0])
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
# wrong: broadcast_accuracy | as many 3s as 7s
def broadcast_accuracy(): return 0.5
# wrong: broadcast_accuracy | share of 3s
def broadcast_accuracy(): return 48/64
# wrong: broadcast_accuracy | share of 7s
def broadcast_accuracy(): return 16/64
# wrong: broadcast_accuracy | pairs that differ
def broadcast_accuracy(): return 2*48*16/64**2
# wrong: broadcast_accuracy | each answer with its own label only
def broadcast_accuracy(): return 64/64**2
# wrong: broadcast_accuracy | counts the 3s only
def broadcast_accuracy(): return (48/64)**2
# wrong: broadcast_accuracy | `mean` divides by the number of all pairs
def broadcast_accuracy(): return 48*48 + 16*16
# wrong: broadcast_accuracy | divided by 64 once
def broadcast_accuracy(): return (48*48 + 16*16)/64
# wrong: broadcast_accuracy | per cent
def broadcast_accuracy(): return 100*(48*48 + 16*16)/64**2
# wrong: broadcast_accuracy | Which share of them
def broadcast_accuracy(): return 64*64
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
# wrong: l1_and_rmse | These are sums
def l1_and_rmse(): return 16*0.5, (16*0.5**2)**0.5
# wrong: l1_and_rmse | sums
def l1_and_rmse(): return 16*0.5, 16*0.5**2
# wrong: l1_and_rmse | the mean of the second is missing
def l1_and_rmse():
    d = torch.tensor([0.5]*16 + [0.]*768)
    return d.abs().mean(), d.norm()
# wrong: l1_and_rmse | over the 16 pixels
def l1_and_rmse(): return 0.5, 0.5
# wrong: l1_and_rmse | root comes before the mean
def l1_and_rmse():
    d = torch.tensor([0.5]*16 + [0.]*768)
    return d.abs().mean(), (d**2).sqrt().mean()
# wrong: l1_and_rmse | root comes before the division
def l1_and_rmse(): return 8/784, (16*0.25)**0.5/784
# wrong: l1_and_rmse | divides by 28
def l1_and_rmse(): return 8/28, (4/28)**0.5
# wrong: l1_and_rmse | as if they differed by 1
def l1_and_rmse(): return 16/784, (16/784)**0.5
# wrong: l1_and_rmse | other order
def l1_and_rmse(): return (4/784)**0.5, 8/784
# wrong: l1_and_rmse | rounded too much
def l1_and_rmse(): return 0.01, 0.07
# wrong: l1_and_rmse | two numbers, L1 and RMSE
def l1_and_rmse(): return 8/784
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
# right: parameters_of_net
def parameters_of_net(sizes): return 0 if len(sizes)<2 else (sizes[0]+1)*sizes[1] + parameters_of_net(sizes[1:])
# wrong: parameters_of_net | biases are missing
def parameters_of_net(sizes): return sum(a*b for a,b in zip(sizes, sizes[1:]))
# wrong: parameters_of_net | one bias for each layer
def parameters_of_net(sizes): return sum(a*b + 1 for a,b in zip(sizes, sizes[1:]))
# wrong: parameters_of_net | single bias in the whole net
def parameters_of_net(sizes): return sum(a*b for a,b in zip(sizes, sizes[1:])) + 1
# wrong: parameters_of_net | inputs have biases as well
def parameters_of_net(sizes): return sum(a*b for a,b in zip(sizes, sizes[1:])) + sum(sizes)
# wrong: parameters_of_net | as many biases as inputs
def parameters_of_net(sizes): return sum(a*b + a for a,b in zip(sizes, sizes[1:]))
# wrong: parameters_of_net | biases of the last layer
def parameters_of_net(sizes):
    n = 0
    for i in range(len(sizes)-1): n += sizes[i]*sizes[i+1] + (sizes[i+1] if i+1 < len(sizes)-1 else 0)
    return n
# wrong: parameters_of_net | counts the circles
def parameters_of_net(sizes): return sum(sizes)
# wrong: parameters_of_net | multiplies all the sizes
def parameters_of_net(sizes):
    n = 1
    for o in sizes: n *= o
    return n
# wrong: parameters_of_net | first layer only
def parameters_of_net(sizes):
    for a,b in zip(sizes, sizes[1:]): return a*b + b
# wrong: parameters_of_net | leaves out the last layer
def parameters_of_net(sizes): return sum(sizes[i]*sizes[i+1] + sizes[i+1] for i in range(len(sizes)-2))
# wrong: parameters_of_net | leaves out what is between
def parameters_of_net(sizes): return (sizes[0]+1)*sizes[-1]
# wrong: parameters_of_net | Every circle of the layer
def parameters_of_net(sizes): return sum(a+1 for a,_ in zip(sizes, sizes[1:]))
# wrong: parameters_of_net | IndexError
def parameters_of_net(sizes): return sum((sizes[i]+1)*sizes[i+1] for i in range(len(sizes)))
# wrong: parameters_of_net | nothing: is `return` missing
def parameters_of_net(sizes): n = sum((a+1)*b for a,b in zip(sizes, sizes[1:]))
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
# wrong: forward_by_hand | output has a ReLU as well
def forward_by_hand():
    h1,h2 = max(1-2+0.5, 0),max(2+1+2, 0)
    return max(3*h1 - 1.5*h2 + 1, 0)
# wrong: forward_by_hand | absolute value
def forward_by_hand():
    h1,h2 = abs(1-2+0.5),abs(2+1+2)
    return 3*h1 - 1.5*h2 + 1
# wrong: forward_by_hand | ReLU is reversed
def forward_by_hand():
    h1,h2 = min(1-2+0.5, 0),min(2+1+2, 0)
    return 3*h1 - 1.5*h2 + 1
# wrong: forward_by_hand | sigmoid in place of the ReLU
def forward_by_hand():
    h1,h2 = torch.tensor([-0.5,5.]).sigmoid()
    return 3*h1 - 1.5*h2 + 1
# wrong: forward_by_hand | biases of the hidden units are missing
def forward_by_hand(): return 3*max(1-2, 0) - 1.5*max(2+1, 0) + 1
# wrong: forward_by_hand | bias of the output is missing
def forward_by_hand(): return 3*max(1-2+0.5, 0) - 1.5*max(2+1+2, 0)
# wrong: forward_by_hand | biases are all missing
def forward_by_hand(): return 3*max(1-2, 0) - 1.5*max(2+1, 0)
# wrong: forward_by_hand | x1 and x2 are swapped
def forward_by_hand(): return 3*max(2-1+0.5, 0) - 1.5*max(4+0.5+2, 0) + 1
# wrong: forward_by_hand | h1 and h2 are swapped
def forward_by_hand(): return 3*5 - 1.5*0 + 1
# wrong: forward_by_hand | minus of the 1.5
def forward_by_hand(): return 3*0 + 1.5*5 + 1
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
# wrong: one_layer_for_two | biases are simply added
def one_layer_for_two(w1, b1, w2, b2): return w1@w2, b1+b2
# wrong: one_layer_for_two | first bias is missing
def one_layer_for_two(w1, b1, w2, b2): return w1@w2, b2
# wrong: one_layer_for_two | second bias is missing
def one_layer_for_two(w1, b1, w2, b2): return w1@w2, b1@w2
# wrong: one_layer_for_two | only the first bias
def one_layer_for_two(w1, b1, w2, b2): return w1@w2, b1
# wrong: one_layer_for_two | second bias is multiplied, too
def one_layer_for_two(w1, b1, w2, b2): return w1@w2, (b1+b2)@w2
# wrong: one_layer_for_two | weights are added
def one_layer_for_two(w1, b1, w2, b2): return w1+w2, b1@w2 + b2
# wrong: one_layer_for_two | A matrix product is `@`
def one_layer_for_two(w1, b1, w2, b2): return w1*w2, b1@w2 + b2
# wrong: one_layer_for_two | A matrix product is `@`
def one_layer_for_two(w1, b1, w2, b2): return w1*w2, b1*w2 + b2
# wrong: one_layer_for_two | x meets w1 first
def one_layer_for_two(w1, b1, w2, b2): return w2@w1, b1@w2 + b2
# wrong: one_layer_for_two | transposed
def one_layer_for_two(w1, b1, w2, b2): return w2.T@w1.T, b1@w2 + b2
# wrong: one_layer_for_two | Bias and weights are swapped
def one_layer_for_two(w1, b1, w2, b2): return b1@w2 + b2, w1@w2
# wrong: one_layer_for_two | two tensors, w and b
def one_layer_for_two(w1, b1, w2, b2): return w1@w2
# wrong: one_layer_for_two | two tensors, w and b
def one_layer_for_two(w1, b1, w2, b2):
    def layer(x): return x@(w1@w2) + b1@w2 + b2
    return layer
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
# wrong: mean_distance | That is the sum
def mean_distance(): return 0.1+0.1+0.7+0.6+0.2
# wrong: mean_distance | two cases are swapped
def mean_distance():
    p,y = torch.tensor([0.9,0.1,0.3,0.6,0.8]),torch.tensor([1,0,1,0,1])
    return torch.where(y==1, p, 1-p).mean()
# wrong: mean_distance | labels haven't been looked at
def mean_distance(): return (0.9+0.1+0.3+0.6+0.8)/5
# wrong: mean_distance | for the 3s, label 1, only
def mean_distance(): return (0.1+0.9+0.7+0.4+0.2)/5
# wrong: mean_distance | That is the accuracy
def mean_distance(): return 3/5
# wrong: mean_distance | share of wrong answers
def mean_distance(): return 2/5
# wrong: mean_distance | have signs and cancel
def mean_distance():
    p,y = torch.tensor([0.9,0.1,0.3,0.6,0.8]),torch.tensor([1,0,1,0,1])
    return (p-y).mean()
# wrong: mean_distance | squared
def mean_distance(): return (0.01+0.01+0.49+0.36+0.04)/5
# wrong: mean_distance | sigmoid once more
def mean_distance():
    p,y = torch.tensor([0.9,0.1,0.3,0.6,0.8]).sigmoid(),torch.tensor([1,0,1,0,1])
    return torch.where(y==1, 1-p, p).mean()
# wrong: mean_distance | counts the wrong answers only
def mean_distance(): return (0.7+0.6)/2
# wrong: mean_distance | 7s are left out
def mean_distance(): return (0.1+0.7+0.2)/3
# wrong: mean_distance | 3s are left out
def mean_distance(): return (0.1+0.6)/2
# wrong: mean_distance | cross-entropy
def mean_distance(): return -torch.tensor([0.9,0.9,0.3,0.4,0.8]).log().mean()
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
# wrong: sigmoid_facts | B is not true
def sigmoid_facts(): return 'ABCE'
# wrong: sigmoid_facts | non-linearity between two layers
def sigmoid_facts(): return 'B'
# wrong: sigmoid_facts | D is not true
def sigmoid_facts(): return ['A','C','D','E']
# wrong: sigmoid_facts | what softmax gives
def sigmoid_facts(): return 'AD'
# wrong: sigmoid_facts | F is not true
def sigmoid_facts(): return 'ACEF'
# wrong: sigmoid_facts | What range do the scores
def sigmoid_facts(): return 'CE'
# wrong: sigmoid_facts | have a smaller sigmoid
def sigmoid_facts(): return ('A','E')
# wrong: sigmoid_facts | applies to its weighted sum
def sigmoid_facts(): return 'AC'
# wrong: sigmoid_facts | no option G
def sigmoid_facts(): return 'AG'
# wrong: sigmoid_facts | type is wrong: return letters
def sigmoid_facts(): return [1,3,5]
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
# right: slope_of
def slope_of(measure, preds, yb, h):
    preds += h
    up = measure(preds, yb)
    preds -= h
    return (up - measure(preds, yb))/h
# wrong: slope_of | 0 whatever the measure
def slope_of(measure, preds, yb, h): return (measure(preds, yb) - measure(preds, yb))/h
# wrong: slope_of | isn't divided by h
def slope_of(measure, preds, yb, h): return measure(preds+h, yb) - measure(preds, yb)
# wrong: slope_of | isn't divided by the way
def slope_of(measure, preds, yb, h): return measure(preds+h, yb) - measure(preds-h, yb)
# wrong: slope_of | way of 2*h
def slope_of(measure, preds, yb, h): return (measure(preds+h, yb) - measure(preds-h, yb))/h
# wrong: slope_of | divided by 2*h
def slope_of(measure, preds, yb, h): return (measure(preds+h, yb) - measure(preds, yb))/(2*h)
# wrong: slope_of | sign is wrong
def slope_of(measure, preds, yb, h): return (measure(preds, yb) - measure(preds+h, yb))/h
# wrong: slope_of | sign is wrong
def slope_of(measure, preds, yb, h): return (measure(preds-h, yb) - measure(preds+h, yb))/2/h
# wrong: slope_of | loses the sign
def slope_of(measure, preds, yb, h): return abs(measure(preds+h, yb) - measure(preds, yb))/h
# wrong: slope_of | measure itself
def slope_of(measure, preds, yb, h): return measure(preds+h, yb)
# wrong: slope_of | multiplies the scores
def slope_of(measure, preds, yb, h): return (measure(preds*(1+h), yb) - measure(preds, yb))/h
# wrong: slope_of | moves the labels
def slope_of(measure, preds, yb, h): return (measure(preds, yb+h) - measure(preds, yb))/h
# wrong: slope_of | always measures by mnist_loss
def slope_of(measure, preds, yb, h):
    from mnist_course.loss_functions import mnist_loss
    return (mnist_loss(preds+h, yb) - mnist_loss(preds-h, yb))/(2*h)
# wrong: slope_of | always measures by accuracy
def slope_of(measure, preds, yb, h):
    def acc(p): return ((p>0)==yb).float().mean()
    return (acc(preds+h) - acc(preds))/h
# wrong: slope_of | multiplies by h
def slope_of(measure, preds, yb, h): return (measure(preds+h, yb) - measure(preds, yb))*h
# wrong: slope_of | no derivative to offer
def slope_of(measure, preds, yb, h):
    preds = preds.clone().requires_grad_()
    measure(preds, yb).backward()
    return preds.grad.sum()
# wrong: slope_of | changes `preds`
def slope_of(measure, preds, yb, h):
    before = measure(preds, yb)
    preds += h
    return (measure(preds, yb) - before)/h
# wrong: slope_of | nothing: is `return` missing
def slope_of(measure, preds, yb, h): print((measure(preds+h, yb) - measure(preds-h, yb))/(2*h))
# right: loss_or_metric
def loss_or_metric(): return ['loss','loss','metric','metric','loss','metric']
# right: loss_or_metric
def loss_or_metric(): return 'L, L, M, M, L, M'
# right: loss_or_metric
def loss_or_metric(): return tuple('llmmlm')
# right: loss_or_metric
def loss_or_metric(): return '1. loss 2. loss 3. metric 4. metric 5. loss 6. metric'
# wrong: loss_or_metric | Statement 1
def loss_or_metric(): return 'MLMMLM'
# wrong: loss_or_metric | Statement 2
def loss_or_metric(): return 'LMMMLM'
# wrong: loss_or_metric | Statement 3
def loss_or_metric(): return 'LLLMLM'
# wrong: loss_or_metric | Statement 4
def loss_or_metric(): return 'LLMLLM'
# wrong: loss_or_metric | Statement 5
def loss_or_metric(): return 'LLMMMM'
# wrong: loss_or_metric | Statement 6
def loss_or_metric(): return ['loss','loss','metric','metric','loss','loss']
# wrong: loss_or_metric | six statements, and this is 5 letters
def loss_or_metric(): return 'LLMML'
# wrong: loss_or_metric | A set has no order
def loss_or_metric(): return {'L','M'}
# wrong: loss_or_metric | no option A
def loss_or_metric(): return 'LLAALA'
# wrong: loss_or_metric | still to do
def loss_or_metric():
    # YOUR CODE HERE
    raise NotImplementedError()
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
# right: walk_down
def walk_down(w, lr, n):
    if n==0: return w
    h = 1e-3
    slope = ((w+h-5)**2 - (w-h-5)**2)/(2*h)
    return walk_down(w - slope*lr, lr, n-1)
# right: walk_down
def walk_down(w, lr, n):
    p = torch.nn.Parameter(torch.tensor([float(w)]))
    opt = torch.optim.SGD([p], lr=lr)
    for _ in range(n):
        opt.zero_grad()
        ((p-5)**2).sum().backward()
        opt.step()
    return p
# wrong: walk_down | uphill
def walk_down(w, lr, n):
    for _ in range(n): w += 2*(w-5)*lr
    return w
# wrong: walk_down | isn't multiplied by the learning rate
def walk_down(w, lr, n):
    for _ in range(n): w -= 2*(w-5)
    return w
# wrong: walk_down | learning rate alone
def walk_down(w, lr, n):
    for _ in range(n): w -= lr
    return w
# wrong: walk_down | factor 2
def walk_down(w, lr, n):
    for _ in range(n): w -= lr*(w-5)
    return w
# wrong: walk_down | loss for its gradient
def walk_down(w, lr, n):
    for _ in range(n): w -= lr*(w-5)**2
    return w
# wrong: walk_down | gradient of w²
def walk_down(w, lr, n):
    for _ in range(n): w -= lr*2*w
    return w
# wrong: walk_down | calculated once
def walk_down(w, lr, n):
    grad = 2*(w-5)
    for _ in range(n): w -= lr*grad
    return w
# wrong: walk_down | `.grad` isn't cleared
def walk_down(w, lr, n):
    w = torch.tensor(w, requires_grad=True)
    for _ in range(n):
        ((w-5)**2).backward()
        with torch.no_grad(): w -= w.grad*lr
    return w.item()
# wrong: walk_down | `return` inside of the loop
def walk_down(w, lr, n):
    for _ in range(n):
        w -= 2*(w-5)*lr
        return w
# wrong: walk_down | one step too many
def walk_down(w, lr, n):
    for _ in range(n+1): w -= 2*(w-5)*lr
    return w
# wrong: walk_down | one step too few
def walk_down(w, lr, n):
    for _ in range(1, n): w -= 2*(w-5)*lr
    return w
# wrong: walk_down | loss where it arrives
def walk_down(w, lr, n):
    for _ in range(n): w -= 2*(w-5)*lr
    return (w-5)**2
# wrong: walk_down | hasn't moved
def walk_down(w, lr, n):
    for _ in range(n): w - 2*(w-5)*lr
    return w
# wrong: walk_down | type is wrong: return a number
def walk_down(w, lr, n):
    places = [w]
    for _ in range(n): places.append(places[-1] - 2*(places[-1]-5)*lr)
    return places
# wrong: walk_down | never ends
def walk_down(w, lr, n):
    while n: w -= 2*(w-5)*lr
    return w
# right: order_of_steps
def order_of_steps(): return 'CEBFDGA'
# right: order_of_steps
def order_of_steps(): return ['c','e','b','f','d','g','a']
# right: order_of_steps
def order_of_steps(): return 'C -> E -> B -> F -> D -> G -> A'
# wrong: order_of_steps | have to be some first
def order_of_steps(): return 'ECBFDGA'
# wrong: order_of_steps | loss compares predictions with labels
def order_of_steps(): return 'CBEFDGA'
# wrong: order_of_steps | gradient is that of the loss
def order_of_steps(): return 'CEFBDGA'
# wrong: order_of_steps | step goes against the gradient
def order_of_steps(): return 'CEBDFGA'
# wrong: order_of_steps | A round ends with the step
def order_of_steps(): return 'CEBFGDA'
# wrong: order_of_steps | Stopping comes last
def order_of_steps(): return list('CEBFDAG')
# wrong: order_of_steps | have to be some first
def order_of_steps(): return 'EBFDCGA'
# wrong: order_of_steps | E comes more often
def order_of_steps(): return 'CEBFDGEA'
# wrong: order_of_steps | G is missing
def order_of_steps(): return 'CEBFDA'
# wrong: order_of_steps | A set has no order
def order_of_steps(): return {*'CEBFDGA'}
# wrong: order_of_steps | type is wrong: return letters
def order_of_steps(): return [3,5,2,6,4,7,1]
# wrong: order_of_steps | nothing: is `return` missing
def order_of_steps(): print('CEBFDGA')
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
# wrong: without_zero_grad | clears the gradient after each step
def without_zero_grad(): return 1 - 0.5*(0.4-0.1+0.2)
# wrong: without_zero_grad | learning rate is missing
def without_zero_grad(): return 1 - 0.4 - 0.3 - 0.5
# wrong: without_zero_grad | And the learning rate is missing
def without_zero_grad(): return 1 - (0.4-0.1+0.2)
# wrong: without_zero_grad | uphill
def without_zero_grad(): return 1 + 0.5*(0.4+0.3+0.5)
# wrong: without_zero_grad | only the last batch's step
def without_zero_grad(): return 1 - 0.5*0.2
# wrong: without_zero_grad | how far w has moved
def without_zero_grad(): return 0.5*(0.4+0.3+0.5)
# wrong: without_zero_grad | still need the learning rate
def without_zero_grad(): return 0.4+0.3+0.5
# wrong: without_zero_grad | minus of the second gradient
def without_zero_grad():
    w,grad = 1,0
    for g in (0.4,0.1,0.2):
        grad += g
        w -= grad*0.5
    return w
# wrong: without_zero_grad | last step is missing
def without_zero_grad(): return 1 - 0.5*0.4 - 0.5*0.3
# wrong: without_zero_grad | doesn't average
def without_zero_grad():
    w,grads = 1,[]
    for g in (0.4,-0.1,0.2):
        grads.append(g)
        w -= 0.5*sum(grads)/len(grads)
    return w
# wrong: without_zero_grad | uphill, and without adding
def without_zero_grad(): return 1 + 0.5*(0.4-0.1+0.2)
# wrong: without_zero_grad | RuntimeError
def without_zero_grad():
    w = torch.tensor(1., requires_grad=True)
    for g in (0.4,-0.1,0.2):
        (g*w).backward()
        w -= 0.5*w.grad
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
# right: shuffled_batches
def shuffled_batches(x, y, bs):
    from fastai.data.load import DataLoader
    return DataLoader(list(zip(x, y)), bs=bs, shuffle=True)
# wrong: shuffled_batches | Nothing is shuffled
def shuffled_batches(x, y, bs): return [(x[i:i+bs],y[i:i+bs]) for i in range(0, len(x), bs)]
# wrong: shuffled_batches | Nothing is shuffled
def shuffled_batches(x, y, bs):
    from fastai.data.load import DataLoader
    return DataLoader(list(zip(x, y)), bs=bs)
# wrong: shuffled_batches | shuffled separately
def shuffled_batches(x, y, bs):
    x,y = x[torch.randperm(len(x))],y[torch.randperm(len(y))]
    return [(x[i:i+bs],y[i:i+bs]) for i in range(0, len(x), bs)]
# wrong: shuffled_batches | Only x is shuffled
def shuffled_batches(x, y, bs):
    x = x[torch.randperm(len(x))]
    return [(x[i:i+bs],y[i:i+bs]) for i in range(0, len(x), bs)]
# wrong: shuffled_batches | with replacement
def shuffled_batches(x, y, bs):
    i = torch.randint(0, len(x), (len(x),))
    return list(zip(x[i].split(bs), y[i].split(bs)))
# wrong: shuffled_batches | backwards
def shuffled_batches(x, y, bs):
    x,y = x.flip(0),y.flip(0)
    return [(x[i:i+bs],y[i:i+bs]) for i in range(0, len(x), bs)]
# wrong: shuffled_batches | a seed is set
def shuffled_batches(x, y, bs):
    torch.manual_seed(42)
    i = torch.randperm(len(x))
    return list(zip(x[i].split(bs), y[i].split(bs)))
# wrong: shuffled_batches | shuffles whole batches
def shuffled_batches(x, y, bs):
    import random
    batches = [(x[i:i+bs],y[i:i+bs]) for i in range(0, len(x), bs)]
    random.shuffle(batches)
    return batches
# wrong: shuffled_batches | shuffles inside of each batch
def shuffled_batches(x, y, bs):
    for i in range(0, len(x), bs):
        xb,yb = x[i:i+bs],y[i:i+bs]
        rows = torch.randperm(len(xb))
        yield xb[rows],yb[rows]
# wrong: shuffled_batches | last batch is left out
def shuffled_batches(x, y, bs):
    order = torch.randperm(len(x))
    for b in range(len(x)//bs):
        rows = order[b*bs:(b+1)*bs]
        yield x[rows],y[rows]
# wrong: shuffled_batches | empty batch at the end
def shuffled_batches(x, y, bs):
    order = torch.randperm(len(x))
    for b in range(len(x)//bs + 1):
        rows = order[b*bs:(b+1)*bs]
        yield x[rows],y[rows]
# wrong: shuffled_batches | makes `bs` batches
def shuffled_batches(x, y, bs):
    order = torch.randperm(len(x))
    return list(zip(x[order].chunk(bs), y[order].chunk(bs)))
# wrong: shuffled_batches | drawn anew
def shuffled_batches(x, y, bs):
    for _ in range(0, len(x), bs):
        rows = torch.randperm(len(x))[:bs]
        yield x[rows],y[rows]
# wrong: shuffled_batches | only the first batch
def shuffled_batches(x, y, bs):
    order = torch.randperm(len(x))
    for start in range(0, len(x), bs):
        rows = order[start:start+bs]
        return [(x[rows],y[rows])]
# wrong: shuffled_batches | x and y are swapped
def shuffled_batches(x, y, bs):
    i = torch.randperm(len(x))
    return list(zip(y[i].split(bs), x[i].split(bs)))
# wrong: shuffled_batches | should be a batch: a pair
def shuffled_batches(x, y, bs):
    i = torch.randperm(len(x))
    return x[i], y[i]
# wrong: shuffled_batches | should be a batch: a pair
def shuffled_batches(x, y, bs):
    i = torch.randperm(len(x))
    dset = list(zip(x[i], y[i]))
    return [dset[j:j+bs] for j in range(0, len(dset), bs)]
# wrong: shuffled_batches | single batch
def shuffled_batches(x, y, bs):
    i = torch.randperm(len(x))
    return [(x[i],y[i])]
# wrong: shuffled_batches | one item at a time
def shuffled_batches(x, y, bs):
    for i in torch.randperm(len(x)): yield x[i:i+1],y[i:i+1]
# wrong: shuffled_batches | nothing: is `return` missing
def shuffled_batches(x, y, bs):
    i = torch.randperm(len(x))
    list(zip(x[i].split(bs), y[i].split(bs)))
# right: batch_facts
def batch_facts(): return ('B','C','F')
# right: batch_facts
def batch_facts(): return 'f c b'
# right: batch_facts
def batch_facts(): return {'B','C'} | {'F'}
# wrong: batch_facts | A is not true
def batch_facts(): return 'ABC'
# wrong: batch_facts | keep the order of the data
def batch_facts(): return 'ABCF'
# wrong: batch_facts | D is not true
def batch_facts(): return 'BCDF'
# wrong: batch_facts | E is not true
def batch_facts(): return 'BCEF'
# wrong: batch_facts | the same in any order
def batch_facts(): return ['E','F']
# wrong: batch_facts | a fair sample
def batch_facts(): return 'CF'
# wrong: batch_facts | How many steps does one pass give
def batch_facts(): return 'BF'
# wrong: batch_facts | In which order do our training images lie
def batch_facts(): return 'BC'
# wrong: batch_facts | no option G
def batch_facts(): return 'BCFG'
# wrong: batch_facts | type is wrong: return letters
def batch_facts(): return {'B': True, 'C': True, 'F': True}
# wrong: batch_facts | nothing: is `return` missing
def batch_facts(): 'BCF'
