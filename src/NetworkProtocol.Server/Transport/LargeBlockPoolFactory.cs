using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace NetworkProtocol.Server.Transport;

/// <summary>Creates a <see cref="LargeBlockPool"/> over Kestrel's own pool.</summary>
internal sealed class LargeBlockPoolFactory(IMemoryPoolFactory<byte> small)
    : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) =>
        new LargeBlockPool(small.Create(options));
}
