using System.Security.Cryptography;
using NetworkProtocol.Forwarding;

namespace NetworkProtocol.Edge.Buffer;

/// <summary>
/// The epochs of buffers: a counter in the upper bits, so that a later one is higher, and a random number below it, so that two copies of a
/// buffer that both begin a new epoch do not begin the same one.
/// </summary>
internal static class Epochs
{
    private const int RandomBits = 31;

    /// <summary>Whether there are higher epochs. Only a hub that is wrong, or hostile, knows one that has none.</summary>
    public static bool CanFollow(long epoch) => epoch >> RandomBits < (Batch.MaxNumber >> RandomBits) - 1;

    public static long After(long epoch) => Math.Min((epoch >> RandomBits) + 1, (Batch.MaxNumber >> RandomBits) - 1) << RandomBits
        | (uint)RandomNumberGenerator.GetInt32(int.MaxValue);
}
