"What `check_setup` says of loaders, labels and inputs"
from .setups import *

# data: batches

@faulty('data: batches')
def an_empty_validation_loader(): return ten_columns((torch_dls(*ten())[0],[]))

@faulty('data: batches')
def a_single_fastai_loader(): return one_column(fast_dls(*two()).train, metrics=batch_accuracy, lr=0.5)

@faulty('data: batches')
def batches_of_one(): return ten_columns(torch_dls(*ten(), bs=1), metrics=accuracy)

@faulty('data: batches', says='only takes batches of 64')
def size_of_the_batch_in_a_view():
    def forward(self, x): return self.net(x.view(64, 784))
    return ten_columns(torch_dls(*ten()), Wrap(forward, net=net()), metrics=accuracy)

@faulty('data: batches')
def zip_for_a_loader():
    (x,y),valid = ten()
    return ten_columns((zip(x.split(64), y.split(64)),batches(valid)))

@faulty('data: batches')
def generator_for_a_validation_loader():
    train,valid = two()
    return one_column((batches(train),(o for o in batches(valid))), metrics=batch_accuracy)

@faulty('data: batches')
def inputs_without_labels(): return one_column(tuple(TorchLoader(TensorDataset(x), 64) for x,_ in two()))

@faulty('data: batches')
def batches_that_are_dicts():
    return ten_columns(tuple(TorchLoader(PerItem(o, lambda x,y: dict(image=x, label=y)), 64,
        shuffle=True) for o in ten()), metrics=accuracy)

@faulty('data: batches')
def items_that_raise():
    def item(x, y): raise FileNotFoundError('train/3/7.png')
    return one_column(tuple(DataLoader(PerItem(o, item), bs=64, shuffle=True) for o in two()))


# data: labels

@faulty('data: labels')
def labels_from_1_to_10(): return ten_columns(torch_dls(*ten(lambda y: y+1)), metrics=accuracy, lr=0.1)

@faulty('data: labels')
def labels_of_minus_1_for_two_columns():
    return ten_columns(fast_dls(*two(lambda y: flat(y)*2-1)), net(n_out=2), cross_entropy)

@faulty('data: labels')
def labels_of_minus_1_for_one_column():
    return ten_columns(torch_dls(*two(lambda y: y*2.-1)), simple_net(), nn.BCEWithLogitsLoss(),
        metrics=batch_accuracy)

@faulty('data: labels')
def digits_3_and_7_for_one_column():
    return by_hand(two(lambda y: 7-4*y), loss_func=sigmoid_distance, metrics=batch_accuracy, lr=1.)

@faulty('data: labels')
def thousand_columns_for_ten_digits():
    return ten_columns(torch_dls(*ten()), net(n_out=1000), nn.CrossEntropyLoss(), metrics=fastai_accuracy)

@faulty('data: labels')
def half_an_image_in_each_row():
    model = nn.Sequential(nn.Unflatten(1, (2,392)), nn.Flatten(0, 1), nn.Linear(392, 10))
    return ten_columns(torch_dls(*ten()), model, metrics=accuracy)

@faulty('data: labels')
def label_lost_in_each_batch():
    return ten_columns(tuple([(xb,yb[1:]) for xb,yb in batches(o)] for o in ten()), nn.Linear(784, 10))


@faulty('data: labels')
def validation_labels_from_1_to_10():
    train,(vx,vy) = ten()
    return ten_columns(torch_dls(train, (vx,vy+1)))

@faulty('data: batches')
def labels_that_are_words():
    return ten_columns(tuple(TorchLoader(PerItem(o, lambda x,y: (x,str(y.item()))), 64, shuffle=True) for o in ten()))

@faulty('data: batches')
def last_batch_of_one_for_batch_norm():
    train,valid = ten(n=641)
    return ten_columns(torch_dls(train, valid), nn.Sequential(nn.Linear(784, 30), nn.BatchNorm1d(30), nn.Linear(30,
        10)))


# data: pairing

@faulty('data: pairing')
def labels_in_another_order(): return ten_columns(torch_dls(*ten(other_order)), metrics=accuracy)

@faulty('data: pairing')
def only_training_labels_in_another_order():
    (x,y),valid = ten(n=2000)
    return ten_columns(list_dls((x,other_order(y)), valid))

@faulty('data: pairing')
def labels_shifted_by_one(): return ten_columns(torch_dls(*ten(lambda y: y.roll(1))), nn.Linear(784, 10), lr=0.1)

@faulty('data: pairing')
def labels_shifted_by_a_batch():
    return dict(dls=Learner(fast_dls(*two(lambda y: y.roll(-64))), simple_net(), mnist_loss, metrics=batch_accuracy))

@faulty('data: pairing')
def inputs_shuffled_without_their_labels():
    def collate(rows):
        x,y = (torch.stack(o) for o in zip(*rows))
        return x[torch.randperm(len(x))],y
    return ten_columns(tuple(TorchLoader(TensorDataset(*o), 64, shuffle=True, collate_fn=collate) for o in ten()))

@faulty('data: pairing')
def inputs_for_targets_of_ten_columns(): return ten_columns(fast_dls(*[(x,x) for x,_ in ten()]))


@faulty('data: pairing')
def only_validation_labels_in_another_order():
    train,(vx,vy) = ten()
    return ten_columns(torch_dls(train, (vx,other_order(vy))), metrics=accuracy)

@faulty('data: pairing')
def validation_labels_the_other_way_round():
    train,(vx,vy) = two()
    return one_column(fast_dls(train, (vx,1-vy)), metrics=batch_accuracy)


# data: disjoint

@faulty('data: disjoint')
def one_loader_twice():
    dl = torch_dls(*ten())[0]
    return ten_columns((dl,dl), metrics=accuracy)

@faulty('data: disjoint')
def training_items_in_half_of_the_validation_set():
    (x,y),(vx,vy) = ten()
    return ten_columns(torch_dls((x,y), (torch.cat([x[:150],vx[:150]]),torch.cat([y[:150],vy[:150]]))))

@faulty('data: disjoint')
def validation_items_added_to_the_training_set():
    (x,y),(vx,vy) = two()
    return dict(dls=BasicLearner(fast_dls((torch.cat([x,vx]),torch.cat([y,vy])), (vx,vy)), simple_net(), mnist_loss,
        lr=0.5,
        metrics=batch_accuracy))

# data: shuffled

@faulty('data: shuffled')
def sorted_digits_unshuffled(): return ten_columns(torch_dls(*sort(ten()), shuffle=False), metrics=accuracy)

@faulty('data: shuffled')
def sixty_thousand_sorted_digits_in_a_list():
    return ten_columns(list_dls(by_label(mnist_xy('train')), ten()[1], bs=256), metrics=accuracy)

@faulty('data: shuffled')
def sorted_one_hot_unshuffled():
    return ten_columns(torch_dls(*[(x,onehot10(y)) for x,y in sort(ten())], shuffle=False),
        loss_func=nn.CrossEntropyLoss())

@faulty('data: shuffled')
def sorted_downwards_in_a_learner():
    data = [(x.flip(0),y.flip(0)) for x,y in sort(two(flat))]
    return dict(dls=Learner(fast_dls_unshuffled(*data), net(n_out=2), CrossEntropyLossFlat(),
        metrics=fastai_accuracy))


# data: scale

@faulty('data: scale', also=['training: learning rate'])
def grey_levels_for_a_linear_model_by_hand():
    return by_hand(two(x=grey), loss_func=mnist_loss, metrics=batch_accuracy, lr=1.)

@faulty('data: scale')
def divided_by_255_twice(): return ten_columns(torch_dls(*ten(x=lambda x: x/255)), metrics=accuracy)

@faulty('data: scale')
def divided_by_255_in_the_model_once_more():
    return one_column(fast_dls(*two())) | dict(model=Wrap(lambda self, x: self.net(x/255), net=simple_net()))

@faulty('data: scale')
def pixels_that_are_infinite(): return one_column(torch_dls(*two(x=lambda x: 1/x)), lr=0.1)

@faulty('data: scale')
def standardised_by_pixels_without_spread():
    return ten_columns(torch_dls(*ten(x=lambda x: (x-x.mean(0))/x.std(0))), nn.Linear(784, 10))

@faulty('data: scale', also=['loss: start'])
def inputs_far_from_0():
    return ten_columns(torch_dls(*[(x+1000,y) for x,y in toy(blobs)]), net(n_in=8, n_out=3), metrics=accuracy)

@faulty('data: scale', also=['loss: start'])
def column_of_a_table_in_its_own_units():
    return ten_columns(list_dls(*[(x*tensor([1.,1,1,1,1,1,1,1e5]),y) for x,y in toy(blobs)]), nn.Linear(8, 3))


@faulty('data: scale')
def validation_inputs_not_divided():
    train,(vx,vy) = ten()
    return ten_columns(torch_dls(train, (vx*255,vy)))

@faulty('data: scale', also=['loss: start'])
def grey_levels_for_a_gru():
    model = Wrap(lambda self, x: self.last(self.rnn(x.view(-1, 28, 28))[0][:,-1]),
        rnn=nn.GRU(28, 16, batch_first=True), last=nn.Linear(16, 10))
    return ten_columns(torch_dls(*ten(x=grey)), model)


# Sound: data

@sound
def mixed_order_that_stays_the_same(): return ten_columns(torch_dls(*ten(), shuffle=False), metrics=accuracy, lr=0.1)

@sound
def one_batch_of_all():
    return by_hand(ten(), 10, dls=partial(list_dls, bs=1000), loss_func=cross_entropy, metrics=accuracy, lr=0.5)

@sound
def one_sorted_batch_of_all():
    return by_hand(sort(two()), dls=partial(list_dls, bs=1000), loss_func=mnist_loss, metrics=batch_accuracy, lr=1.)

@sound
def odd_last_batch(): return ten_columns(torch_dls(*ten(n=967), bs=64), metrics=accuracy, lr=0.1)

@sound
def loader_of_one_s_own():
    train,valid = ten()
    return ten_columns((Batches(*train),Batches(*valid)), metrics=accuracy, lr=0.1)

@sound
def anything_with_train_and_valid():
    train,valid = torch_dls(*two())
    return one_column(SimpleNamespace(train=train, valid=valid), metrics=batch_accuracy, lr=0.5)

@sound
def data_sets_of_fastai():
    (x,y),(vx,vy) = ten(n=600)
    x,y = torch.cat([x,vx]),torch.cat([y,vy])
    dsets = Datasets(range(900), [[x.__getitem__],[y.__getitem__]], splits=(list(range(600)),list(range(600,900))))
    return dict(dls=Learner(dsets.dataloaders(bs=64, num_workers=0), net(), CrossEntropyLossFlat(),
        metrics=fastai_accuracy))

@sound
def noise_added_to_a_batch():
    def noise(b): return b[0]+0.1*torch.randn_like(b[0]),b[1]
    train,valid = (list(zip(*o)) for o in ten())
    return ten_columns(DataLoaders(DataLoader(train, bs=64, shuffle=True, after_batch=noise),
        DataLoader(valid, bs=64)),
        metrics=accuracy, lr=0.1)

@sound
def images_moved_at_random():
    def collate(rows):
        x,y = (torch.stack(o) for o in zip(*rows))
        return F.pad(x, (2,2,2,2))[..., (i := random.randint(0, 4)):i+28, (j := random.randint(0, 4)):j+28],y
    train,valid = ten(x=images, n=600)
    return ten_columns(torch_dls(train, valid, collate_fn=collate), conv_net(), metrics=accuracy,
        opt_func=torch.optim.Adam, lr=0.005)

@sound
def three_classes_of_a_table():
    return ten_columns(torch_dls(*toy(blobs)), net(n_in=8, n_out=3), metrics=accuracy, lr=0.1)

@sound
def two_classes_of_a_table_and_few_items():
    return by_hand([(x,column(y)) for x,y in toy(blobs, n=200, k=2)], dls=partial(torch_dls, bs=20),
        loss_func=mnist_loss,
        metrics=batch_accuracy, lr=0.5)

@sound
def three_digits():
    def xy(split): return (lambda x,y: (x.view(-1, 784).float()/255,y))(*load_mnist(split, (0,1,2)))
    return ten_columns(torch_dls(*items(xy)), nn.Linear(784, 3), nn.CrossEntropyLoss(), metrics=[accuracy], lr=0.1)

@sound
def double_precision():
    return ten_columns(torch_dls(*ten(x=torch.Tensor.double)), net().double(),
        metrics=lambda p,y: (p.argmax(1)==y).double().mean(), lr=0.1)

@sound
def hinge_loss():
    return by_hand(two(), loss_func=lambda p,y: (1-(2*y-1)*p).relu().mean(), metrics=batch_accuracy, lr=0.02)


class Stream(torch.utils.data.IterableDataset):
    def __init__(self, xy): self.xy = xy
    def __iter__(self): return (((self.xy[0][i],self.xy[1][i])) for i in torch.randperm(len(self.xy[0])).tolist())

@sound
def data_sets_that_can_only_be_walked():
    return ten_columns(tuple(TorchLoader(Stream(o), 64) for o in ten()), metrics=accuracy)

class Endless(Batches):
    def __iter__(self):
        while True: yield from super().__iter__()

@sound
def endless_loader(): return ten_columns((Endless(*ten()[0], 600),batches(ten()[1])), metrics=accuracy)

@sound
def one_data_set_split_by_samplers():
    data,sampler = TensorDataset(*ten()[0]),torch.utils.data.SubsetRandomSampler
    return ten_columns(tuple(TorchLoader(data, 64, sampler=sampler(o)) for o in (range(800),range(800, 1000))),
        metrics=accuracy)

@sound
def batches_made_by_the_sampler():
    def dl(xy): return TorchLoader(TensorDataset(*xy), batch_size=None,
        sampler=torch.utils.data.BatchSampler(torch.utils.data.RandomSampler(xy[0]), 64, False))
    return ten_columns(tuple(map(dl, ten())), metrics=accuracy)

@sound
def classes_grouped_within_each_batch():
    return ten_columns(([by_label(o) for o in batches(ten()[0])],batches(ten()[1])), metrics=accuracy)

@sound
def groups_of_parameters_and_a_slice_of_rates():
    model = net()
    return ten_columns(torch_dls(*ten()), model, params=[dict(params=o.parameters()) for o in model],
        lr=slice(0.01, 0.1))

@sound
def sigmoid_layers_that_start_slowly():
    model = nn.Sequential(nn.Linear(2, 2), nn.Sigmoid(), nn.Linear(2, 1))
    return dict(dls=torch_dls(*toy(xor)), model=model, loss_func=nn.BCEWithLogitsLoss(), metrics=batch_accuracy)

@sound
def tokens_for_an_embedding():
    def make(n, g): return (x := torch.randint(0, 50, (n,12), generator=g)),((x<3).sum(1)>0).long()
    return ten_columns(torch_dls(*toy(make)), nn.Sequential(nn.EmbeddingBag(50, 16), nn.Linear(16, 2)),
        metrics=accuracy)

@sound
def share_of_wrong_answers():
    def wrong(p, y): return ((p>0)!=y).float().mean()
    return one_column(fast_dls(*two()), metrics=[wrong,lambda p,y: np.array(batch_accuracy(p, y).item())])


# data: parts that aren't alike

def upside_down(x): return x.view(-1, 28, 28).flip(1).reshape(-1, 784)
def transposed(x): return x.view(-1, 28, 28).transpose(1, 2).reshape(-1, 784)
def some_of(y, change, share=0.9):
    "Labels, of which a share is changed"
    return torch.where(torch.rand(y.shape, generator=torch.Generator().manual_seed(3))<share, change(y), y)

def train_changed(data, x=None, y=None):
    (tx,ty),valid = data
    return (tx if x is None else x(tx),ty if y is None else y(ty)),valid

@faulty('data: pairing', says='transposed')
def training_images_transposed():
    return ten_columns(torch_dls(*train_changed(ten(), transposed)), metrics=accuracy, lr=0.1)

@faulty('data: pairing', says='upside down')
def training_images_upside_down(): return ten_columns(fast_dls(*train_changed(ten(), upside_down)), metrics=accuracy)

@faulty('data: pairing', says='transposed')
def image_tensors_transposed():
    dls = torch_dls(*train_changed(ten(x=images), lambda x: x.transpose(2, 3)))
    return ten_columns(dls, conv_net(), opt_func=torch.optim.Adam, lr=0.005, metrics=hit)

@faulty('data: pairing', says='calls 0 is mostly called 1')
def most_training_labels_inverted():
    return one_column(fast_dls(*train_changed(two(), y=lambda y: some_of(y, lambda y: 1-y))), metrics=batch_accuracy,
        lr=0.5)

@faulty('data: pairing', says='number both alike')
def most_training_labels_moved_on_by_one():
    return ten_columns(list_dls(*train_changed(ten(), y=lambda y: some_of(y, lambda y: (y+1)%10, 0.8))),
        metrics=accuracy)

@faulty('data: pairing', says='number both alike')
def classes_in_another_order():
    order = tensor([3,1,4,0,5,9,2,6,8,7])
    return ten_columns(torch_dls(*train_changed(ten(), y=lambda y: order[y])), metrics=accuracy)

@faulty('data: disjoint', says='1,000 items against 300')
def parts_exchanged():
    train,valid = ten()
    return ten_columns(torch_dls(valid, train), metrics=accuracy, lr=0.1)

@faulty('data: disjoint', says='12,000')
def twelve_thousand_against_forty_eight():
    x,y = mnist_xy('train')
    return ten_columns(fast_dls((x[:12000],y[:12000]), (x[12000:],y[12000:])), metrics=accuracy)

@faulty('data: disjoint', says='exchanged')
def parts_of_a_random_split_exchanged():
    large,small = torch.utils.data.random_split(TensorDataset(*two()[0]), (800,200))
    return one_column((TorchLoader(small, 64, shuffle=True),TorchLoader(large, 64)), metrics=batch_accuracy)

@sound
def few_training_items_and_the_whole_test_set():
    return ten_columns(fast_dls(ten()[0], mnist_xy('test')), metrics=accuracy, lr=0.1)

@sound
def a_tenth_of_the_labels_wrong():
    noisy = train_changed(ten(), y=lambda y: some_of(y, lambda y: (y+3)%10, 0.1))
    return ten_columns(torch_dls(*noisy), metrics=accuracy, lr=0.1)

@sound
def parts_of_a_random_split():
    large,small = torch.utils.data.random_split(TensorDataset(*two()[0]), (800,200))
    return one_column((TorchLoader(large, 64, shuffle=True),TorchLoader(small, 64)), metrics=batch_accuracy)

@sound
def training_images_moved_by_a_pixel():
    def moved(x): return x.view(-1, 28, 28).roll((1,1), (1,2)).reshape(-1, 784)
    return ten_columns(torch_dls(*train_changed(ten(), moved)), metrics=accuracy, lr=0.1)

@sound
def rare_class_drawn_more_often():
    (x,y),valid = rare(two(floats, n=2000))
    weights = torch.where(y[:,0]==0, 1., 4.)
    dl = TorchLoader(TensorDataset(x, y), 64, sampler=torch.utils.data.WeightedRandomSampler(weights, len(y)))
    return dict(dls=(dl,batches(valid)), model=simple_net(), loss_func=nn.BCEWithLogitsLoss(), metrics=batch_accuracy,
        lr=0.2)


@pytest.mark.parametrize('name', faulty_in(__name__))
def test_fault_is_named_and_no_other(name): assert_named(name)

@pytest.mark.parametrize('name', sound_in(__name__))
def test_nothing_is_said_of_a_sound_setup(name): assert_sound(name)
