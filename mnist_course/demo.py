"`mnist_course demo`: a page to draw a digit on, and what every model of the course says to it"
import base64,io,os,socket,sys
from argparse import ArgumentParser,ArgumentTypeError
from html import escape

PAD = """<canvas width="280" height="280" role="img" aria-label="Paper: draw a digit from 0 to 9 here with the mouse, a pen or a finger"></canvas>
<button type="button" class="clear">Clear</button>"""
PAD_CSS = """canvas { display: block; width: 280px; height: 280px; max-width: 100%; border: 2px solid #767676; border-radius: 4px; background: white; touch-action: none; cursor: crosshair }
.clear { margin-top: 8px; padding: 8px 24px; border: 1px solid #767676; border-radius: 4px; font: inherit; color: inherit; background: transparent; cursor: pointer }"""
PAD_JS = """
const canvas = element.querySelector('canvas'), ctx = canvas.getContext('2d')
function clear() { ctx.fillStyle = 'white'; ctx.fillRect(0, 0, 280, 280) }
function line(e) {
    const box = canvas.getBoundingClientRect(), k = 280/box.width
    for (const o of e.getCoalescedEvents?.().length ? e.getCoalescedEvents() : [e]) ctx.lineTo((o.clientX-box.left)*k, (o.clientY-box.top)*k)
    ctx.stroke()
}
clear()
canvas.onpointerdown = e => {
    if (e.button) return
    e.preventDefault()
    canvas.setPointerCapture(e.pointerId)
    Object.assign(ctx, {lineWidth: 22, lineCap: 'round', lineJoin: 'round', strokeStyle: 'black'})
    ctx.beginPath()
    line(e); line(e)
}
canvas.onpointermove = e => { if (canvas.hasPointerCapture(e.pointerId)) line(e) }
canvas.onpointerup = canvas.onpointercancel = e => { if (canvas.hasPointerCapture(e.pointerId)) trigger('submit', {image: canvas.toDataURL('image/png')}) }
document.querySelector('#status')?.setAttribute('aria-live', 'polite')
element.querySelector('.clear').onclick = () => { clear(); trigger('clear') }
"""
CSS = """.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(240px, 1fr)); gap: 12px }
.answers figure, .answers section { border: 1px solid #999; border-radius: 6px; padding: 8px 12px; margin: 0 }
.answers h3 { font-size: 1em; margin: 0 } .answers p, .answers figcaption { margin: 2px 0; font-size: .9em } .answers strong { font-size: 1.6em }
.answers img { width: 168px; height: 168px; image-rendering: pixelated; border: 1px solid #999 }
.bars { display: flex; align-items: end; height: 56px; gap: 3px; font-size: .8em; text-align: center }
.bars div { flex: 1 } .bars i { display: block; background: #0072B2; min-height: 1px }
footer { display: none !important }"""
HELLO = 'Draw a digit, large, in one go or several. The answers come when you lift the pen.'

def picture(rgb, alt):
    "An array (28,28) or (28,28,3) of uint8 as an HTML image"
    from PIL import Image
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, 'PNG')
    return f'<img alt="{escape(alt)}" src="data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}">'

def evidence(
    net, # A linear model: `nn.Linear(784, 10)`
    image, # uint8 (28,28), ink is 255
    digit:int, # Its answer
): # (28,28); their sum is the score of `digit` minus the mean of all ten scores, biases apart
    "How much each pixel spoke for `digit` (positive) or against it: ink times weight, the weight compared with its mean over the ten digits"
    w = net.weight.detach()
    return (w[digit]-w.mean(0)).view(28,28)*image/255

def card(o):
    "One model's answer as HTML"
    probs = o['probabilities']
    only = f'<p>knows {" and ".join(map(str, probs))} only</p>' if len(probs)<10 else ''
    bars = ''.join(f'<div><i style="height:{40*p:.1f}px"></i>{d}</div>' for d,p in probs.items())
    rest = ', '.join(f'{d}: {p:.1%}' for d,p in sorted(probs.items(), key=lambda o: -o[1])[:3])
    return f'<section data-model="{escape(o["model"])}"><h3>{o["chapter"]} {escape(o["model"])}</h3>{only}<p><strong>{o["answer"]}</strong> {rest}</p><div class="bars" aria-hidden="true">{bars}</div></section>'

def page(image, nets):
    "What the models saw, why the linear one answers as it does, and a card for each model, as HTML; and the answer of the last model, which is the best"
    from matplotlib import colormaps
    from mnist_course.predict import answers
    found = answers(nets, image)
    linear,digit = next((net,o['answer']) for (model,net),o in zip(nets, found) if model.name=='ten digits, linear by hand')
    spoke = evidence(linear, image, digit)
    colours = colormaps['RdBu_r']((0.5+0.5*spoke/max(spoke.abs().max().item(), 1e-9)).numpy(), bytes=True)[...,:3]
    return f"""<div class="answers">
<figure>{picture(255-image.numpy(), 'The digit in 28 by 28 pixels, scaled to a box of 20 by 20 and centred')}<figcaption>What the models saw: the digit as MNIST's authors would have scaled and centred it.</figcaption></figure>
<figure>{picture(colours, f'Pixels that spoke for {digit} in red, against it in blue')}<figcaption>Why the linear model of chapter 07 says {digit}: red pixels spoke for it, blue ones against.</figcaption></figure>
{''.join(map(card, found))}</div>""", found[-1]['answer']

def build(nets):
    "The page, as Gradio's `Blocks`"
    import gradio as gr
    import torch
    from PIL import Image
    from mnist_course.data import load_mnist
    from mnist_course.drawing import as_mnist,read_image
    test_images,test_labels = load_mnist('test')

    def say(image, what):
        "The status line, and the page for an image (28,28)"
        html,best = page(image, nets)
        return f'{what}: the convnet says **{best}**.', html
    def of_drawing(event:gr.EventData):
        "Answer what was drawn"
        try:
            im = Image.open(io.BytesIO(base64.b64decode(event._data['image'].partition(',')[2])))
            if im.size!=(280,280): raise ValueError
            im = im.convert('RGB')
        except Exception: return 'The drawing did not arrive whole. Please draw on, or clear it.', ''
        try: image = as_mnist(im)[0]
        except ValueError as e: return f'The drawing {e}.', ''
        return say(image, 'Your digit')
    def of_file(path):
        "Answer an image file"
        name = os.path.basename(path)
        try: image,polarity = as_mnist(read_image(path))
        except ValueError as e: return f'`{name}` {e}.', ''
        return say(image, f'`{name}`, {polarity}')
    def of_test_digit():
        "Answer a digit of the test set"
        i = torch.randint(len(test_images), ()).item()
        return say(test_images[i], f'Test digit {i}, which is a {test_labels[i]}')

    with gr.Blocks(title='Draw a digit', analytics_enabled=False) as blocks:
        gr.Markdown('# Draw a digit\nEach model of the course answers, from pixel similarity to a convnet. Nothing leaves this computer.')
        with gr.Row():
            with gr.Column(scale=0, min_width=300):
                pad = gr.HTML(html_template=PAD, css_template=PAD_CSS, js_on_load=PAD_JS, elem_id='pad')
                upload = gr.UploadButton('Open an image file', elem_id='upload') # of any type: what is no image gets our own message
                sample = gr.Button('A digit of the test set', elem_id='sample')
            with gr.Column(min_width=280):
                status = gr.Markdown(HELLO, elem_id='status')
                out = gr.HTML(elem_id='out')
        pad.submit(of_drawing, None, [status,out], show_progress='hidden')
        pad.clear(lambda: (HELLO, ''), None, [status,out], show_progress='hidden')
        upload.upload(of_file, upload, [status,out])
        sample.click(of_test_digit, None, [status,out], show_progress='hidden')
    return blocks

def port_number(s):
    "Parse a port"
    if not (s.isdecimal() and 0 < int(s) < 2**16): raise ArgumentTypeError(f"{s!r} must be a whole number from 1 to {2**16-1}")
    return int(s)

def try_to_listen(host, port):
    "Raises `OSError` if nothing can listen there. Gradio would try for minutes, after all the training."
    family,*_,address = socket.getaddrinfo(host, port or 0, type=socket.SOCK_STREAM)[0]
    with socket.socket(family) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(address)

def main(argv):
    "Read the arguments of `mnist_course demo`, train what is not trained yet, and serve the page until Ctrl-C"
    from mnist_course.predict import add_device,check_device
    parser = ArgumentParser(prog='mnist_course demo', description='Open a page to draw a digit on, with the answer of each model of the course. Works offline. '
        'The models are trained at the first start, which takes about 20 seconds.')
    parser.add_argument('--host', default='127.0.0.1', help='address to listen on (default: 127.0.0.1, this computer only; 0.0.0.0: the network)')
    parser.add_argument('--port', type=port_number, metavar='N', help='default: the first free one from 7860')
    add_device(parser)
    args = parser.parse_args(argv)
    check_device(parser, args.device)
    try: try_to_listen(args.host, args.port)
    except OSError as e: sys.exit(f"mnist_course demo: cannot listen on {args.host}{f' port {args.port}' if args.port else ''}: {e.strerror}. Try another --host or --port; 127.0.0.1 is this computer")
    os.environ.update(GRADIO_ANALYTICS_ENABLED='False', HF_HUB_DISABLE_TELEMETRY='1', HF_HUB_OFFLINE='1')
    try: import gradio
    except ImportError: sys.exit("mnist_course demo needs Gradio, which is not installed: pip install 'mnist_course[demo]'")
    import torch
    from mnist_course.models import load_models
    torch.set_num_threads(1)
    blocks = build(load_models(say=lambda s: print(s, file=sys.stderr), device=args.device))
    _,url,_ = blocks.launch(server_name=f'[{args.host}]' if ':' in args.host else args.host, server_port=args.port, share=False, quiet=True, prevent_thread_lock=True, footer_links=[], css=CSS, theme=gradio.themes.Default(font=['system-ui','sans-serif'], font_mono=['monospace']), max_file_size='100mb')
    print(f'Draw at {url} (stop with Ctrl-C)', flush=True)
    blocks.block_thread()
