using System.Buffers;
using System.Collections.Concurrent;

namespace NetworkProtocol.Server.Transport;

/// <summary>
/// Rents blocks of 64 KiB while few are in use. A receive call fills at most one block, so a large message takes a sixteenth of the calls.
/// Beyond that the pool rents the small blocks of <paramref name="small"/>, so that many half-filled connections cost no more memory than
/// without this pool.
/// </summary>
internal sealed class LargeBlockPool(MemoryPool<byte> small) : MemoryPool<byte>
{
    /// <summary>Bytes of a large block.</summary>
    public const int BlockSize = 64 * 1024;

    /// <summary>The most large blocks: 8 MiB.</summary>
    public const int MaxBlocks = 128;

    private readonly ConcurrentQueue<Block> _free = new();
    private int _made;

    /// <summary>The pool for buffers that are held while no bytes arrive, as TLS holds them.</summary>
    public MemoryPool<byte> Small => small;

    public override int MaxBufferSize => small.MaxBufferSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        if (_free.TryDequeue(out var block))
        {
            return block;
        }

        if (Volatile.Read(ref _made) < MaxBlocks && Interlocked.Increment(ref _made) <= MaxBlocks)
        {
            return new Block(this);
        }

        return small.Rent(minBufferSize);
    }

    protected override void Dispose(bool disposing) => small.Dispose();

    private sealed class Block(LargeBlockPool pool) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true);

        public void Dispose() => pool._free.Enqueue(this);
    }
}
