using System.Diagnostics;
using System.Globalization;
using Benchmarks.Load;
using NetworkProtocol.Client;

namespace Benchmarks.Clients;

/// <summary>Many clients lose their server at the same moment. Measures how they reconnect when the server is back.</summary>
internal static class HerdScenario
{
    private const int Clients = 2_000;
    private const int AtOnce = 50;

    private static readonly TimeSpan Away = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static async Task RunAsync()
    {
        var server = await ServerUnderLoad.StartAsync(ServedProcess.Protocol);
        var clients = Enumerable.Range(0, Clients).Select(_ => Create(server.Tcp.ToString())).ToArray();
        foreach (var some in clients.Chunk(AtOnce))
        {
            await Task.WhenAll(some.Select(client => client.ConnectAsync()));
        }

        await server.KillAsync();
        await Task.Delay(Away);
        var (back, returned) = (new TaskCompletionSource(), new List<long>());
        foreach (var client in clients)
        {
            client.StateChanged += (_, change) => Note(change.State, returned, back);
        }

        await using var again = await ServerUnderLoad.StartAsync(ServedProcess.Protocol, server.Tcp.Port);
        var started = Stopwatch.GetTimestamp();
        await back.Task.WaitAsync(Patience);
        Print([.. returned.Select(at => Math.Max(0, Stopwatch.GetElapsedTime(started, at).TotalSeconds))]);
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
    }

    private static void Note(ClientState state, List<long> returned, TaskCompletionSource back)
    {
        if (state != ClientState.Connected)
        {
            return;
        }

        lock (returned)
        {
            returned.Add(Stopwatch.GetTimestamp());
            if (returned.Count == Clients)
            {
                back.TrySetResult();
            }
        }
    }

    private static void Print(double[] seconds)
    {
        var buckets = seconds.CountBy(time => (int)time).OrderBy(bucket => bucket.Key).ToArray();
        double mean = Clients / (double)(buckets[^1].Key - buckets[0].Key + 1), most = buckets.Max(bucket => bucket.Value);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Clients} clients, server away for {Away.TotalSeconds} s: back from {seconds.Min():0.0} to {seconds.Max():0.0} s after its "
                + $"return; in the fullest second {most} of a mean of {mean:0} ({most / mean:0.00})"));
        Console.WriteLine("  each second: " + string.Join(' ', buckets.Select(bucket => $"{bucket.Key}:{bucket.Value}")));
    }

    private static ProtocolClient Create(string address) => new(new ProtocolClientOptions
    {
        Addresses = [address],
        Connection = { Transport = ClientTransport.SecureHandshake },
    });
}
