// Ghost's own packages behind a pipe: one JSON request per line in, one JSON answer per line out, in order.
//
//   node ghost_renderer.cjs GHOST_PACKAGE_FOLDER
//
// Every request is {"op": …} and every answer {"ok": …} or {"error": "message"}. The rendering options are the
// ones that Ghost's core/server/lib/lexical.js builds for a web page; what it reads from the configuration is
// the configuration's default. Nothing here is our own idea of how Ghost renders.
'use strict';

const {createRequire} = require('node:module');
const path = require('node:path');
const readline = require('node:readline');
const fs = require('node:fs');

const ghost = createRequire(path.join(process.argv[2], 'package.json'));
const {LexicalHTMLRenderer} = ghost('@tryghost/kg-lexical-html-renderer');
const {DEFAULT_NODES} = ghost('@tryghost/kg-default-nodes');
const {htmlToLexical} = ghost('@tryghost/kg-html-to-lexical');
const {mobiledocToLexical} = ghost('@tryghost/kg-converters');
const markdownRenderer = ghost('@tryghost/kg-markdown-html-renderer');

// pnpm keeps a package's own dependencies beside it, not at the top: ask for Lexical from where Ghost does.
const renderer = createRequire(fs.realpathSync(ghost.resolve('@tryghost/kg-lexical-html-renderer')));
const {createHeadlessEditor} = renderer('@lexical/headless');
const {ListNode, ListItemNode} = renderer('@lexical/list');
const {HeadingNode, QuoteNode} = renderer('@lexical/rich-text');
const {LinkNode} = renderer('@lexical/link');
const ALL_NODES = [HeadingNode, ListNode, ListItemNode, QuoteNode, LinkNode, ...DEFAULT_NODES];

const RESIZABLE = ['.jpg', '.jpeg', '.png', '.webp', '.avif'];

function renderOptions(target) {
    return {
        siteUuid: '00000000-0000-4000-8000-000000000000',
        siteUrl: 'http://127.0.0.1:2368/',
        postUrl: 'http://127.0.0.1:2368/post/',
        imageBaseUrl: '',
        imageOptimization: {resize: true, srcsets: true},
        canTransformImage: storagePath => RESIZABLE.includes(path.extname(storagePath).toLowerCase()),
        canTransformImageToFormat: format => ['avif', 'webp'].includes(format),
        feature: {emailUniqueid: false, pictureImageFormats: false},
        ...(target ? {target} : {})
    };
}

// Ghost makes one renderer and keeps it. Its default onError is silent and leaves html empty or cut off; here a
// failure must be seen, so the renderer is the one of Ghost's own `validate`, which throws.
const strictRenderer = new LexicalHTMLRenderer({
    nodes: DEFAULT_NODES,
    onError(error) {
        throw error;
    }
});

function makeEditor() {
    return createHeadlessEditor({
        nodes: ALL_NODES,
        onError(error) {
            throw error;
        }
    });
}

function propertiesOf(Node) {
    return typeof Node.getPropertyDefaults === 'function' ? Node.getPropertyDefaults() : null;
}

const operations = {
    async render({document, target}) {
        return await strictRenderer.render(JSON.stringify(document), renderOptions(target));
    },
    // What Ghost's editor would write back for this document: every node imported and exported again.
    async reserialise({document}) {
        return makeEditor().parseEditorState(JSON.stringify(document)).toJSON();
    },
    async markdown({markdown}) {
        return markdownRenderer.render(markdown, {ghostVersion: '6.65.0'});
    },
    async source_html({html}) {
        return htmlToLexical(html);
    },
    async mobiledoc({mobiledoc}) {
        return JSON.parse(mobiledocToLexical(JSON.stringify(mobiledoc)));
    },
    async nodes() {
        const registered = {};
        for (const [type, {klass}] of makeEditor()._nodes) {
            registered[type] = propertiesOf(klass);
        }
        return registered;
    },
    async default_node({type}) {
        const {klass} = makeEditor()._nodes.get(type);
        let exported;
        const editor = makeEditor();
        editor.update(() => {
            exported = new klass({}).exportJSON();
        }, {discrete: true});
        return exported;
    }
};

let rejected = null;

async function main() {
    const lines = readline.createInterface({input: process.stdin, crlfDelay: Infinity});
    for await (const line of lines) {
        let answer;
        try {
            const request = JSON.parse(line);
            rejected = null;
            const ok = await operations[request.op](request);
            await new Promise(resolve => setImmediate(resolve));
            if (rejected) {
                throw rejected;
            }
            answer = {ok};
        } catch (error) {
            answer = {error: String((error && error.message) || error)};
        }
        if (!process.stdout.write(JSON.stringify(answer) + '\n')) {
            await new Promise(resolve => process.stdout.once('drain', resolve));
        }
    }
}

// Lexical warns about odd states on console.*: standard output belongs to the answers.
console.log = console.info = console.warn = console.error;
// The renderer's update is asynchronous and nobody awaits it: a card that throws surfaces only here.
process.on('unhandledRejection', error => {
    rejected = error;
});
main();
