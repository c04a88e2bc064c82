using System.IO.Pipelines;
using System.Net;

namespace NetworkProtocol.Server.Proxy;

/// <summary>Takes a whole PROXY header off a connection's input. It buffers no more than the addresses.</summary>
internal static class ProxyHeaderReader
{
    /// <summary>Reads the header and leaves the bytes after it in the input. An incomplete header is invalid.</summary>
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

    // HAProxy may append up to 64 KiB about TLS and more. These bytes are dropped as they arrive.
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
