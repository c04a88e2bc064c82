using System.IO.Pipelines;
using System.Net;

namespace NetworkProtocol.Server.Proxy;

/// <summary>Takes a whole PROXY header off a connection's input, and keeps no more of it at a time than its addresses.</summary>
internal static class ProxyHeaderReader
{
    /// <summary>Reads the header; what follows it stays in the input. A header that is cut short is invalid.</summary>
    public static async Task<(bool IsValid, IPEndPoint? Client)> ReadAsync(PipeReader input)
    {
        while (true)
        {
            var result = await input.ReadAsync();
            var buffer = result.Buffer;
            var status = ProxyHeader.TryRead(ref buffer, out var client, out var rest);
            if (status == ProxyHeaderStatus.Incomplete && !result.IsCompleted)
            {
                input.AdvanceTo(buffer.Start, buffer.End);
                continue;
            }

            input.AdvanceTo(buffer.Start);
            return (status == ProxyHeaderStatus.Complete && await TrySkipAsync(input, rest), client);
        }
    }

    // HAProxy appends what it knows of TLS and the like, up to 64 KiB of it; it is dropped as it comes.
    private static async Task<bool> TrySkipAsync(PipeReader input, long count)
    {
        while (count > 0)
        {
            var result = await input.ReadAsync();
            if (result.Buffer.IsEmpty && result.IsCompleted)
            {
                return false;
            }

            var skipped = Math.Min(count, result.Buffer.Length);
            input.AdvanceTo(result.Buffer.GetPosition(skipped));
            count -= skipped;
        }

        return true;
    }
}
