using System.Globalization;
using System.Net;

namespace Integration.Tests.Console;

/// <summary>The real program under an attack by a stranger with thousands of addresses.</summary>
public sealed class SignInFairnessTests
{
    private const int Workers = 60; // three times the length of the queue

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task An_operator_signs_in_over_HTTP_while_a_stranger_asks_from_thousands_of_addresses()
    {
        await using var server = await ConsoleServer.StartAsync(
            $"--NetworkProtocol:Admin:Password={ConsoleServer.Hash}", "--NetworkProtocol:Http:TrustedProxies:0=127.0.0.0/8");
        using var stranger = new AdminSession(server);
        var form = await stranger.ReadFormAsync("/sign-in");
        (form["name"], form["password"]) = ("admin", "wrong");
        using var stop = new CancellationTokenSource(Patience);
        var full = new TaskCompletionSource();
        var asked = 0;
        var attack = Enumerable.Range(0, Workers).Select(_ => AskAsync()).ToArray();
        await full.Task.WaitAsync(Patience);
        for (var i = 0; i < 3; i++)
        {
            using var session = new AdminSession(server);
            session.Http.DefaultRequestHeaders.Add("X-Forwarded-For", $"198.51.{100 + i}.7");
            using var answer = await session.SignInAsync("admin", ConsoleServer.Password);
            Assert.Equal((i, HttpStatusCode.Redirect), (i, answer.StatusCode));
        }

        await stop.CancelAsync();
        await Task.WhenAll(attack);

        async Task AskAsync()
        {
            try
            {
                while (true)
                {
                    var address = Interlocked.Increment(ref asked);
                    using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Content = new FormUrlEncodedContent(form) };
                    request.Headers.Add(
                        "X-Forwarded-For", string.Create(CultureInfo.InvariantCulture, $"10.0.{address / 250 % 250}.{address % 250}"));
                    using var answer = await stranger.Http.SendAsync(request, stop.Token);
                    if (answer.StatusCode == HttpStatusCode.ServiceUnavailable)
                    {
                        full.TrySetResult();
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // The operators are signed in.
            }
        }
    }
}
