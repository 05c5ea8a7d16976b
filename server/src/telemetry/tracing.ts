/** Spans of requests to this server and of its requests to webhooks, with W3C Trace Context in and out. */
import {
  type Attributes,
  type Context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  givenRequestId,
  type RequestContext,
  requestContext,
  requestIdHeader,
} from "../net/request-context.ts";

const propagator = new W3CTraceContextPropagator();
const headerGetter = {
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
};

/** The span that the running code works in. */
class Scope implements RequestContext {
  readonly span: Span;
  readonly requestId: string;
  appId: string | null = null;
  route: string | null = null;
  isEnded = false;

  constructor(span: Span, requestId: string | null) {
    this.span = span;
    this.requestId = requestId ?? span.spanContext().traceId;
  }

  get traceId(): string {
    return this.span.spanContext().traceId;
  }

  get spanId(): string {
    return this.span.spanContext().spanId;
  }

  end(): void {
    this.isEnded = true;
    this.span.end();
  }
}

/** A request to a webhook's receiver. */
export interface OutgoingRequest {
  readonly appId: string;
  readonly attributes: Attributes;
  /** The `traceparent` of each request that caused one of its events. The first is the parent, the others are links. */
  readonly causes: readonly string[];
}

export class Tracing {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** Handles the request in its own span. The response gets the header `X-Request-Id`. */
  serve(request: Request, answer: () => Response | Promise<Response>): Response | Promise<Response> {
    const { method, headers } = request;
    const parent = propagator.extract(ROOT_CONTEXT, headers, headerGetter);
    const options = { kind: SpanKind.SERVER, attributes: { "http.request.method": method } };
    const span = this.#tracer.startSpan(method, options, parent);
    const scope = new Scope(span, givenRequestId(headers));
    const finish = (response: Response) => endServed(scope, method, response);
    const fail = (error: unknown) => endFailed(scope, error);
    return requestContext.run(scope, () => {
      try {
        const answered = answer();
        return answered instanceof Promise ? answered.then(finish, fail) : finish(answered);
      } catch (error) {
        return fail(error);
      }
    });
  }

  /** Runs the request in its own span. `conclude` reads the attributes and the failure from its result. */
  async send<Result>(
    { appId, attributes, causes }: OutgoingRequest,
    run: () => Promise<Result>,
    conclude: (result: Result) => { readonly attributes: Attributes; readonly failure: string | null },
  ): Promise<Result> {
    const [parent = liveContext(), ...others] = causes.map(contextOf);
    const options = { kind: SpanKind.CLIENT, attributes, links: others.flatMap(linkOf) };
    const span = this.#tracer.startSpan("POST", options, parent);
    const scope = new Scope(span, null);
    scope.appId = appId;
    return requestContext.run(scope, async () => {
      try {
        const result = await run();
        const { attributes: more, failure } = conclude(result);
        span.setAttributes(more);
        if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        scope.end();
        return result;
      } catch (error) {
        return endFailed(scope, error);
      }
    });
  }

  /** The headers that pass the current span on: `traceparent`, and `tracestate` if the caller sent one. */
  headers(): Record<string, string> {
    const headers: Record<string, string> = {};
    propagator.inject(currentContext(), headers, defaultTextMapSetter);
    return headers;
  }

  /** The `traceparent` of the current span; null if the running code works for no request. */
  traceparent(): string | null {
    return this.headers().traceparent ?? null;
  }
}

function currentContext(): Context {
  const scope = requestContext.getStore();
  return scope instanceof Scope ? trace.setSpan(ROOT_CONTEXT, scope.span) : ROOT_CONTEXT;
}

/** The root context if the request was answered, because later work of its queues does not belong to the request. */
function liveContext(): Context {
  return requestContext.getStore()?.isEnded ? ROOT_CONTEXT : currentContext();
}

function contextOf(traceparent: string): Context {
  return propagator.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter);
}

function linkOf(context: Context): Link[] {
  const spanContext = trace.getSpanContext(context);
  return spanContext === undefined ? [] : [{ context: spanContext }];
}

function endServed(scope: Scope, method: string, response: Response): Response {
  const { span, appId, route, requestId } = scope;
  if (route !== null) span.updateName(`${method} ${route}`);
  span.setAttributes({
    "http.response.status_code": response.status,
    ...(route !== null && { "http.route": route }),
    ...(appId !== null && { "soketify.app.id": appId }),
  });
  if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  scope.end();
  response.headers.set(requestIdHeader, requestId);
  return response;
}

function endFailed(scope: Scope, error: unknown): never {
  scope.span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : "" });
  scope.end();
  throw error;
}
