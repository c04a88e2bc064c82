using NetworkProtocol.Client;
using NetworkProtocol.Messages;
using NetworkProtocol.Server;

namespace Integration.Tests;

/// <summary>The allowed references between projects, as docs/architecture.md draws them.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void The_bytes_know_nobody() => Assert.Empty(Known(typeof(Message)));

    [Fact]
    public void Server_and_client_do_not_know_each_other()
    {
        Assert.Equal(["NetworkProtocol", "NetworkProtocol.Settings"], Known(typeof(ServerOptions)).Order());
        Assert.Equal(["NetworkProtocol"], Known(typeof(ProtocolConnection)));
    }

    [Fact]
    public void The_command_line_knows_no_server() =>
        Assert.DoesNotContain("NetworkProtocol.Server", Known(typeof(NetworkProtocol.Cli.Program)));

    private static string[] Known(Type type) =>
    [
        .. type.Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name!)
            .Where(name => name.StartsWith("NetworkProtocol", StringComparison.Ordinal)),
    ];
}
