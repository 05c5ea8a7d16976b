/** Wraps the request handlers of every port. */
import { errorResponse } from "../net/error-response.ts";
import { targetProblem } from "../net/request-target.ts";
import { HttpError } from "../protocol/errors.ts";

export type Answer<Data> = (
  request: Request,
  server: Bun.Server<Data>,
) => Response | undefined | Promise<Response | undefined>;

/**
 * Answers 400 to a request with an invalid Host. An error that the handler throws becomes a 500 without internal details.
 * @param headers set on every response
 */
export function createFront(
  headers: readonly (readonly [string, string])[],
  onBug: (error: unknown) => void,
) {
  function finish(response: Response | undefined): Response | undefined {
    if (response !== undefined) for (const [name, value] of headers) response.headers.set(name, value);
    return response;
  }

  function failed(error: unknown): Response | undefined {
    onBug(error);
    return finish(errorResponse(new HttpError(500, "Internal server error")));
  }

  return function front<Data>(answer: Answer<Data>): Answer<Data> {
    return (request, server) => {
      try {
        const problem = targetProblem(request);
        if (problem !== null) return finish(errorResponse(new HttpError(400, problem)));
        const response = answer(request, server);
        return response instanceof Promise ? response.then(finish, failed) : finish(response);
      } catch (error) {
        return failed(error);
      }
    };
  };
}
