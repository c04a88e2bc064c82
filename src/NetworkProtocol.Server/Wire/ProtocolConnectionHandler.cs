using Microsoft.AspNetCore.Connections;
using NetworkProtocol.Security;
using NetworkProtocol.Server.Commands;
using NetworkProtocol.Server.Connections;
using NetworkProtocol.Server.Diagnostics;
using NetworkProtocol.Server.Memory;
using NetworkProtocol.Server.Push;

namespace NetworkProtocol.Server.Wire;

/// <summary>Serves an admitted connection: the secure handshake where there is no TLS, then messages until the connection ends.</summary>
internal sealed class ProtocolConnectionHandler(
    SecureHandshake handshake, Dispatcher dispatcher, Groups groups, BufferBudget budget, ServerMetrics metrics, ErrorLog errors,
    TimeProvider time) : ConnectionHandler
{
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var self = connection.Features.Get<Connection>()!;
        self.Input = connection.Transport.Input;
        SecureChannel? channel = null;
        try
        {
            if (self.Transport == ConnectionTransport.Secure && (channel = await handshake.RunAsync(connection, self)) is null)
            {
                return;
            }

            NoteEstablished(self);
            using var gone = connection.ConnectionClosed.UnsafeRegister(_ => self.EndIfReset(), null);
            using var share = new BufferShare(budget, self);
            var input = new PacketInput(connection.Transport.Input, self, share, time);
            var output = new PacketOutput(connection.Transport.Output, self, channel, share, metrics, time);
            var processor = new MessageProcessor(self, channel, output, share, dispatcher, metrics, errors, time);
            using var loop = new MessageLoop(self, input, output, processor);
            await loop.RunAsync();
        }
        finally
        {
            groups.Close(self);
            self.Input = null;
            channel?.Dispose();
        }
    }

    private void NoteEstablished(Connection connection)
    {
        connection.Activity.LastReceived = connection.Activity.LastSent = time.GetTimestamp();
        connection.Established = true;
        if (connection.Transport != ConnectionTransport.Local)
        {
            metrics.Handshake(good: true); // ConnectionGate counts the handshakes that failed
        }

        if (connection.DisconnectReason != CloseReason.None)
        {
            connection.WakeLoop(); // the request came during the handshake, whose reads ignore it
        }
    }
}
