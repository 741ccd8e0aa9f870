/** The body of an answer with 2xx; otherwise an Error that says what was asked and what came back. */
export async function request(path: string): Promise<Response> {
  const response = await fetch(path, { headers: { Accept: 'application/json, text/plain' } })
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}: ${(await response.text()).slice(0, 200)}`)
  return response
}
