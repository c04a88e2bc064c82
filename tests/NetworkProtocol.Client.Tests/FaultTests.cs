using NetworkProtocol.Server;

namespace NetworkProtocol.Client.Tests;

/// <summary>Each operation over a network that breaks. It ends in time with an answer or with one of the expected errors.</summary>
public sealed class FaultTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(500);

    public static TheoryData<Fault, int, bool> Faults()
    {
        var cases = new TheoryData<Fault, int, bool>();
        foreach (var fault in Enum.GetValues<Fault>())
        {
            // Inside the handshake's Response, right after it, and inside the first answer.
            foreach (var after in new[] { 0, 40, 93, 100 })
            {
                cases.Add(fault, after, false);
                cases.Add(fault, after, true);
            }
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task An_operation_ends_in_an_answer_or_a_named_error(Fault fault, int afterBytes, bool tls)
    {
        using var files = CertificateFiles.Create();
        await using var server = await TestServer.StartAsync(new()
        {
            ["Tls:Mode"] = "Optional",
            ["Tls:CertificatePath"] = files.Certificate,
            ["Tls:KeyPath"] = files.Key,
        });
        await using var proxy = new FaultProxy(server.EndPoint, fault, afterBytes * (tls ? 20 : 1));
        var limit = fault is Fault.BlackHole or Fault.Garbage ? Limit : Patience / 2; // no other fault is a timeout, also on a busy machine
        var options = new ConnectionOptions
        {
            Transport = tls ? ClientTransport.Tls : ClientTransport.SecureHandshake,
            Tls = { TrustedCertificatesPath = files.Authority },
            ConnectTimeout = limit,
            RequestTimeout = limit,
        };
        var error = await Record.ExceptionAsync(async () =>
        {
            await using var connection = await ProtocolConnection.ConnectAsync(ServerAddress.Parse(proxy.Address), options);
            for (var i = 0; i < 20; i++)
            {
                Assert.Equal(new Message.Echo($"{i}"), await connection.RequestAsync(new Message.Echo($"{i}")));
            }

            await connection.SendAsync(new Message.Custom("NOBODY", default));
        }).WaitAsync(Patience);
        if (fault is Fault.None or Fault.Delay or Fault.OneByteAtATime)
        {
            Assert.Null(error);
            return;
        }

        var kind = Assert.IsType<ProtocolClientException>(error).Kind;
        ProtocolErrorKind[] named = fault switch
        {
            Fault.BlackHole => [ProtocolErrorKind.Timeout],
            Fault.Garbage =>
            [
                ProtocolErrorKind.Tls, ProtocolErrorKind.Handshake, ProtocolErrorKind.Protocol, ProtocolErrorKind.Closed,
                ProtocolErrorKind.Timeout,
            ],
            _ => [ProtocolErrorKind.Tls, ProtocolErrorKind.Handshake, ProtocolErrorKind.Closed, ProtocolErrorKind.Protocol],
        };
        Assert.Contains(kind, named);
    }

    [Fact]
    public async Task A_client_behind_a_black_hole_gets_a_new_connection_when_it_ends()
    {
        await using var server = await TestServer.StartAsync();
        await using var proxy = new FaultProxy(server.EndPoint, Fault.BlackHole, afterBytes: 200);
        await using var client = new ProtocolClient(new ProtocolClientOptions
        {
            Addresses = [proxy.Address],
            Connection = { Transport = ClientTransport.SecureHandshake, RequestTimeout = TimeSpan.FromMilliseconds(300) },
            Pool = { HealthCheckTimeout = TimeSpan.FromMilliseconds(100) },
            Breaker = { FailureThreshold = 100 },
        });
        var error = await Record.ExceptionAsync(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                await client.RequestAsync(new Message.Echo("hello"));
            }
        }).WaitAsync(Patience);
        Assert.Equal(ProtocolErrorKind.Timeout, Assert.IsType<ProtocolClientException>(error).Kind);
        proxy.Fault = Fault.None;
        using var deadline = new CancellationTokenSource(Patience);
        while (await Record.ExceptionAsync(async () => await client.RequestAsync(new Message.Echo("again"))) is not null)
        {
            deadline.Token.ThrowIfCancellationRequested();
        }
    }
}
