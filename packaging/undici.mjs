/**
 * The parts of undici that this package uses. Its own entry also loads fetch, web sockets, caches and mocks, which costs
 * more than all of a small build.
 */

import request from 'undici/lib/api/api-request.js';
import buildConnector from 'undici/lib/core/connect.js';
import Agent from 'undici/lib/dispatcher/agent.js';
import Dispatcher from 'undici/lib/dispatcher/dispatcher.js';
import ProxyAgent from 'undici/lib/dispatcher/proxy-agent.js';

// As undici's index.js does it.
Object.assign(Dispatcher.prototype, { request });

export { Agent, buildConnector, Dispatcher, ProxyAgent };
