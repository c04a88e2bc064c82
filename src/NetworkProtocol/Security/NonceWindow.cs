using System.Runtime.InteropServices;

namespace NetworkProtocol.Security;

/// <summary>Remembers the last 10,000 to 20,000 nonces in at most 256 KiB. While few nonces have come, it uses little memory.</summary>
internal sealed class NonceWindow
{
    /// <summary>The smallest number of last nonces that are remembered.</summary>
    public const int Generation = 10_000;

    private const int SmallestTable = 16;

    // Secret, so that nobody can choose nonces that all fall into one slot.
    private static readonly ulong Seed = BitConverter.ToUInt64(System.Security.Cryptography.RandomNumberGenerator.GetBytes(8));

    private ulong[] _current = [];
    private ulong[] _previous = [];
    private int _count;

    /// <summary>Remembers a nonce. Returns false if the nonce is remembered already.</summary>
    public bool TryAdd(ReadOnlySpan<byte> nonce)
    {
        var print = Fingerprint(nonce);
        if (Contains(_previous, print) || Contains(_current, print))
        {
            return false;
        }

        if (_count == Generation)
        {
            (_previous, _current) = (_current, _previous.Length == _current.Length ? _previous : new ulong[_current.Length]);
            Array.Clear(_current);
            _count = 0;
        }

        if (_count >= _current.Length * 5 / 8)
        {
            Grow();
        }

        Insert(_current, print);
        _count++;
        return true;
    }

    private static ulong Fingerprint(ReadOnlySpan<byte> nonce)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(nonce);
        var high = Math.BigMul(words[0] ^ Seed, words[1] ^ 0x9E37_79B9_7F4A_7C15UL, out var low);
        high = Math.BigMul(high ^ low ^ words[2], Seed | 1, out low);
        return (high ^ low) | 1; // zero marks an empty slot
    }

    private static bool Contains(ulong[] table, ulong print)
    {
        if (table.Length == 0)
        {
            return false;
        }

        var mask = table.Length - 1;
        for (var slot = Slot(print, mask); table[slot] != 0; slot = (slot + 1) & mask)
        {
            if (table[slot] == print)
            {
                return true;
            }
        }

        return false;
    }

    private static void Insert(ulong[] table, ulong print)
    {
        var mask = table.Length - 1;
        var slot = Slot(print, mask);
        while (table[slot] != 0)
        {
            slot = (slot + 1) & mask;
        }

        table[slot] = print;
    }

    private static int Slot(ulong print, int mask) => (int)(print >> 32) & mask;

    private void Grow()
    {
        var larger = new ulong[Math.Max(SmallestTable, _current.Length * 2)];
        foreach (var print in _current)
        {
            if (print != 0)
            {
                Insert(larger, print);
            }
        }

        _current = larger;
    }
}
