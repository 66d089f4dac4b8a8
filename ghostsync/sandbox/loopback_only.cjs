'use strict';
// Loaded into a sandbox's Ghost before anything else: the server and its worker threads reach this machine only.
//
// A site that is published for practice must not be noticed. Ghost sends a webmention to every page that a newly
// published post links to, asks its own servers for updates and news, and has no setting for all of it. So the two
// doors are closed through which Node's programs leave: name look-ups and connections. Both fail at once, as they
// would on a machine without network, which Ghost copes with everywhere.

const dns = require('node:dns');
const net = require('node:net');

const LOCAL = new net.BlockList();
LOCAL.addSubnet('127.0.0.0', 8, 'ipv4');
LOCAL.addAddress('::1', 'ipv6');

function isLocal(host) {
    const name = String(host).replace(/^\[|\]$/g, '').toLowerCase();
    const family = net.isIP(name);
    if (family === 0) {
        return name === 'localhost' || name.endsWith('.localhost') || name === '';
    }
    return LOCAL.check(name, family === 6 ? 'ipv6' : 'ipv4');
}

function refusal(host) {
    const error = new Error(`the sandbox reaches nothing but this machine: ${host}`);
    return Object.assign(error, {code: 'ENOTFOUND', errno: -3008, syscall: 'getaddrinfo', hostname: String(host)});
}

const lookup = dns.lookup;
dns.lookup = function (host, options, callback) {
    if (host && !isLocal(host)) {
        const tell = typeof options === 'function' ? options : callback;
        process.nextTick(tell, refusal(host));
        return {};
    }
    return lookup.apply(this, arguments);
};

const lookupPromised = dns.promises.lookup;
dns.promises.lookup = function (host) {
    return host && !isLocal(host) ? Promise.reject(refusal(host)) : lookupPromised.apply(this, arguments);
};

for (const where of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
    for (const name of Object.getOwnPropertyNames(where).filter(each => /^(resolve|reverse)/.test(each))) {
        where[name] = function (host, ...others) {
            const tell = others.at(-1);
            if (typeof tell === 'function') {
                process.nextTick(tell, refusal(host));
                return {};
            }
            return Promise.reject(refusal(host));
        };
    }
}

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function (...given) {
    // Node's own callers pass the arguments already normalised: one array [options, callback].
    const options = Array.isArray(given[0]) ? given[0][0] : given[0];
    const host = typeof options === 'object' && options !== null ? options.host : typeof given[1] === 'string' ? given[1] : '';
    const path = typeof options === 'object' && options !== null ? options.path : undefined;
    if (!path && host && !isLocal(host)) {
        this.connecting = true;
        process.nextTick(() => this.destroy(refusal(host)));
        return this;
    }
    return connect.apply(this, given);
};
