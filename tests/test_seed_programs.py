"""The two programs of the assignment that the course grew from: each ran or seemed to, and is wrong in many places

Rebuilt from a description of what they do, and put into the learners' versions piece by piece, each where the exercise
asks for it, and as a whole where it asks for the whole. The checks must name every bug."""
from test_assignments import run_cells

# One image a step at a rate of 1, no sigmoid before mnist_loss, scores (n,) beside labels (n,1) once they are joined
PERCEPTRON = dict(
    make_dset='''
def make_dset(threes, sevens):
    x = torch.cat([threes.float()/255, sevens.float()/255]).view(-1, 28*28)
    y = tensor([1]*len(threes) + [0]*len(sevens)).unsqueeze(1)
    return list(zip(x, y))
''',
    init_params='def init_params(size, std=1.0): return (torch.randn(size)*std).requires_grad_()',
    linear1='''
weights,bias = init_params((28*28,1)),init_params(1)
def linear1(xb): return xb@weights + bias
''',
    mnist_loss='def mnist_loss(preds, yb): return torch.where(yb==1, 1-preds, preds).mean()',
    batch_accuracy='def batch_accuracy(preds, yb): return ((preds.sigmoid()>0.5)==yb).float().mean()',
    train_epoch='''
lr,train_dset = 1.,[]
def train_epoch():
    for xb,yb in train_dset:
        loss = mnist_loss(linear1(xb), yb)
        loss.backward()
        for p in (weights,bias):
            p.data -= p.grad*lr
            p.grad.zero_()
''',
    validate_epoch='''
valid_dset,valid_y = [],None
def validate_epoch():
    scores = torch.cat([linear1(xb) for xb,yb in valid_dset])
    return batch_accuracy(scores, valid_y)
''',
    perceptron='''
def perceptron(train_x, train_y, valid_x, valid_y, lr, epochs):
    weights,bias = init_params((28*28,1)),init_params(1)
    def linear1(xb): return xb@weights + bias
    for epoch in range(epochs):
        for xb,yb in zip(train_x, train_y):
            loss = mnist_loss(linear1(xb), yb)
            loss.backward()
            for p in (weights,bias):
                p.data -= p.grad*lr
                p.grad.zero_()
    scores = torch.cat([linear1(xb) for xb in valid_x])
    print(f"Epoch {epoch}: loss {mnist_loss(scores, valid_y)}")
    return weights, bias, batch_accuracy(scores, valid_y)
''')
BROADCAST = 'broadcasting compares every prediction with every label'
PERCEPTRON_CAUSES = dict(make_dset=None, init_params=None, linear1=None, mnist_loss=['sigmoid is missing'],
    batch_accuracy=None, train_epoch=['one image a step'], validate_epoch=[BROADCAST],
    perceptron=['one image a step','the sigmoid is missing',BROADCAST])

# Images that stay images, integer labels, one loader for two, a ready optimizer as opt_func, nothing to validate on
TWO_LAYER_NET = dict(
    as_rows='''
from fastai.vision.core import PILImage
def as_rows(images): return [PILImage.create(o) for o in images.numpy()]
''',
    as_labels='''
def as_labels(digits):
    return tensor([1]*int((digits==3).sum()) + [0]*int((digits==7).sum())).unsqueeze(1)
''',
    two_layer_net='''
class two_layer_net(nn.Module):
    def __init__(self, n_hidden=50):
        super().__init__()
        self.layer1,self.layer2 = nn.Linear(28*28, n_hidden),nn.Linear(n_hidden, 1)
    def forward(self, x): return self.layer2(F.relu(self.layer1(x)))
''',
    make_dls='def make_dls(train, valid, bs=256): return DataLoader(list(zip(*train)), batch_size=bs)',
    bce_loss='bce_loss = nn.BCEWithLogitsLoss()',
    score_accuracy='score_accuracy = accuracy_multi',
    make_opt='''
model = two_layer_net()
make_opt = SGD(model.parameters(), lr=0.1)
''',
    make_learner='''
def make_learner(dls):
    return Learner(dls, model, opt_func=make_opt, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
''',
    train_net='''
def train_net(dls):
    learn = Learner(dls.train, model, opt_func=make_opt, loss_func=nn.BCEWithLogitsLoss(), metrics=accuracy_multi)
    learn.fit(10)
''')
TWO_LAYER_NET_CAUSES = dict(as_rows=['never turned into a tensor'], as_labels=['integer'], two_layer_net=None,
    make_dls=['one loader'], bce_loss=None, score_accuracy=None, make_opt=['ready optimizer'],
    make_learner=['opt_func is an optimizer'], train_net=['opt_func is an optimizer'])

def named(name, program, causes):
    said = run_cells(name, program)
    for exercise,words in causes.items():
        message = said[f'check_{exercise}']
        if words is None: assert message is None, message
        else:
            cause = message.split('Likely cause:')[1].split('\nRead:')[0].lower()
            assert [o for o in words if o.lower() not in cause]==[], (exercise, message)

def test_every_bug_of_the_perceptron_is_named(): named('1_perceptron', PERCEPTRON, PERCEPTRON_CAUSES)
def test_every_bug_of_the_two_layer_net_is_named(): named('2_two_layer_net', TWO_LAYER_NET, TWO_LAYER_NET_CAUSES)
