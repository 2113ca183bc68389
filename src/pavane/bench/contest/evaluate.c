/* The objective of local_planner.objective.cost in C, written so that a compiler turns its loops into SIMD code.
 *
 * Candidates come in blocks of B. Every quantity is an array of B floats on the stack, every phase of the model one
 * short loop over the block without branches, so that gcc and clang vectorise it; reading a word of a field is a loop of
 * its own. The equations are in objective/cost.py; comments here say only what they do not. Whoever compiles this names
 * the fields of the structs (BOUNDS, WEIGHTS, LATTICE, GOAL, BODY, PERSON) and the constants (DT, STRIDE, STOP_POINTS, SEGMENTS,
 * FAINT, SIDEWAYS, SLOW, DISCOMFORT_LENGTH), so that they cannot differ from the kernels'.
 */

#include <math.h>
#include <stdint.h>
#include <string.h>

#ifndef B
#define B 64
#endif
#define EACH for (int i = 0; i < B; i++)
#define INLINE static inline __attribute__((always_inline))

typedef float Row[B] __attribute__((aligned(64)));
typedef struct { float BOUNDS; } Bounds;
typedef struct { float WEIGHTS; } Weights;
typedef struct { float LATTICE; } Lattice;
typedef struct { float GOAL; } Goal;
typedef struct { float BODY; } Body;
typedef struct { float PERSON; } Person;

typedef struct {
    const Bounds *bounds;
    const Weights *weights;
    const Lattice *lattice;
    const int64_t *clearance; /* a word for each 3x3 block, see local_planner.objective.fields */
    const int16_t *cost;
    const Goal *goal;
    const Body *body;
    const float *discs; /* (discs_count, 4): x, y, radius, first word of the field; 0 is that of static things */
    int discs_count;
    const Person *people; /* (looks, people_count) */
    int people_count;
    const float *discount;
} Situation;

typedef struct { Row x, y, yaw, c, s, v, w, a, al; } Place;

/* -- mathematics -------------------------------------------------------------------------------------------------- */

INLINE float least_of(float a, float b) { return a < b ? a : b; }
INLINE float most_of(float a, float b) { return a > b ? a : b; }
INLINE float clamp(float x, float low, float high) { return most_of(low, least_of(x, high)); }

INLINE float exponential(float x) /* for x below 80, error 3e-6 */
{
    float t = most_of(x, -60.0f) * 1.4426950408889634f;
    float n = rintf(t), f = t - n;
    float p = 1.0f + f * (0.69312419f + f * (0.24024099f + f * (0.05590642f + f * 0.00958285f)));
    union { int32_t bits; float number; } power = {((int32_t)n + 127) << 23};
    return p * power.number;
}

INLINE float direction(float y, float x) /* atan2, error 1e-6 */
{
    float ax = fabsf(x), ay = fabsf(y);
    float t = least_of(ax, ay) / most_of(most_of(ax, ay), 1e-12f), s = t * t;
    float p = -0.05990408f + s * (0.02455666f + s * -0.00478032f);
    p = 0.19971373f + s * (-0.14029405f + s * (0.09942716f + s * p));
    p = t * (0.99999991f + s * (-0.33332093f + s * p));
    p = ay > ax ? 1.57079633f - p : p;
    p = x < 0.0f ? 3.14159265f - p : p;
    return y < 0.0f ? -p : p;
}

INLINE float wrap(float angle) { return angle - rintf(angle * 0.15915494f) * 6.28318531f; }

INLINE void turned(float *c, float *s, float angle) /* (cos, sin) turned by a small angle */
{
    float q = angle * angle;
    float si = angle * (1.0f + q * (-1.0f / 6.0f + q * (1.0f / 120.0f)));
    float co = 1.0f + q * (-0.5f + q * (1.0f / 24.0f));
    float c0 = *c;
    *c = c0 * co - *s * si;
    *s = *s * co + c0 * si;
}

/* -- motion ------------------------------------------------------------------------------------------------------- */

typedef struct { Row c[4][4]; } Reference; /* segment, coefficient */

INLINE void refer(float value, float slope, const float *const *targets, int first, Reference *out)
{
    static const int steps[4] = {SEGMENTS};
    EACH {
        float y[5] = {value, targets[0][first + i], targets[1][first + i], targets[2][first + i], targets[3][first + i]};
        float secant[4], m[5] = {slope, 0.0f, 0.0f, 0.0f, 0.0f};
        for (int n = 0; n < 4; n++)
            secant[n] = (y[n + 1] - y[n]) / (steps[n] * DT);
        for (int n = 1; n < 4; n++) {
            float total = secant[n - 1] + secant[n];
            m[n] = 2.0f * most_of(secant[n - 1] * secant[n], 0.0f) * total / (total * total + 1e-6f);
        }
        for (int n = 0; n < 4; n++) {
            float h = steps[n] * DT, rise = y[n + 1] - y[n];
            out->c[n][0][i] = y[n];
            out->c[n][1][i] = m[n] * h;
            out->c[n][2][i] = 3.0f * rise - (2.0f * m[n] + m[n + 1]) * h;
            out->c[n][3][i] = (m[n] + m[n + 1]) * h - 2.0f * rise;
        }
    }
}

INLINE float bounded(float wanted, float speed, float a, float a_low, float a_high, float jerk, float low, float high)
{
    float step = jerk * DT;
    float least = least_of(most_of(a_low, a - step), a + step), most = most_of(least_of(a_high, a + step), a - step);
    wanted = clamp(wanted, least, most);
    float rising = wanted > 0.0f ? 1.0f : -1.0f;
    float room = (wanted > 0.0f ? high - speed : speed - low) * (1.0f / DT) - rising * 0.5f * a;
    room = most_of(room, 0.0f);
    float n = floorf(sqrtf(0.25f + 2.0f * room / step) - 0.5f);
    return clamp(rising * least_of(rising * wanted, room / (n + 1.0f) + 0.5f * step * n), least, most);
}

INLINE float peak(float speed, float a, float step)
{
    float size = fabsf(a), n = floorf(size / step);
    float rest = 0.5f * DT * ((n + 0.5f) * size - 0.5f * step * n * (n + 1.0f));
    return fabsf(speed + (a > 0.0f ? rest : -rest)) + rest;
}

INLINE void keep_wheels(const Place *p, float *next, float *next_w, const float *rim, const Bounds *bounds)
{
    float step = bounds->jerk * DT, step_w = bounds->jerk_w * DT;
    EACH {
        float a = p->a[i], al = p->al[i], v = p->v[i], w = p->w[i];
        float back = a - clamp(a, -step, step), back_w = al - clamp(al, -step_w, step_w);
        float least = peak(v + 0.5f * DT * (a + back), back, step)
            + bounds->half_track * peak(w + 0.5f * DT * (al + back_w), back_w, step_w);
        float share = most_of(bounds->wheel - least, 0.0f) / most_of(rim[i] - least, 1e-6f);
        float slower = v > 0.0f ? least_of(back, next[i]) : most_of(back, next[i]);
        float slower_w = w > 0.0f ? least_of(back_w, next_w[i]) : most_of(back_w, next_w[i]);
        float beyond = bounds->wheel * 1.0001f;
        float kept = least > beyond ? slower : back + share * (next[i] - back);
        float kept_w = least > beyond ? slower_w : back_w + share * (next_w[i] - back_w);
        next[i] = rim[i] > bounds->wheel ? kept : next[i];
        next_w[i] = rim[i] > bounds->wheel ? kept_w : next_w[i];
    }
}

INLINE void move(Place *p, Row *forward, Row *turning, int within, int steps, const Situation *situation, float *effort)
{
    const Bounds *bounds = situation->bounds;
    const Weights *weights = situation->weights;
    float q = (within + 1) / (float)steps, rate = 1.0f / (DT * steps), step = bounds->jerk * DT, step_w = bounds->jerk_w * DT;
    Row next, next_w, rim;
    float worst = 0.0f;
    EACH {
        float v = p->v[i], w = p->w[i], a = p->a[i], al = p->al[i];
        float v_ref = forward[0][i] + q * (forward[1][i] + q * (forward[2][i] + q * forward[3][i]));
        float w_ref = turning[0][i] + q * (turning[1][i] + q * (turning[2][i] + q * turning[3][i]));
        float v_slope = (forward[1][i] + q * (2.0f * forward[2][i] + q * (3.0f * forward[3][i]))) * rate;
        float w_slope = (turning[1][i] + q * (2.0f * turning[2][i] + q * (3.0f * turning[3][i]))) * rate;
        float wish = v_slope + bounds->gain * (v_ref - v - 0.5f * DT * (a + v_slope));
        float wish_w = w_slope + bounds->gain * (w_ref - w - 0.5f * DT * (al + w_slope));
        next[i] = bounded(wish, v, a, bounds->a_low, bounds->a_high, bounds->jerk, bounds->v_low, bounds->v_high);
        next_w[i] = bounded(wish_w, w, al, -bounds->al_high, bounds->al_high, bounds->jerk_w, -bounds->w_high, bounds->w_high);
        rim[i] = peak(v + 0.5f * DT * (a + next[i]), next[i], step)
            + bounds->half_track * peak(w + 0.5f * DT * (al + next_w[i]), next_w[i], step_w);
        worst = most_of(worst, rim[i]);
    }
    if (bounds->half_track > 0.0f && worst > bounds->wheel)
        keep_wheels(p, next, next_w, rim, bounds);
    EACH {
        float v0 = p->v[i], w0 = p->w[i], a = next[i], al = next_w[i];
        float v = v0 + 0.5f * DT * (p->a[i] + a), w = w0 + 0.5f * DT * (p->al[i] + al);
        float turn = 0.25f * DT * (w0 + w), hop = 0.5f * DT * (v0 + v), c = p->c[i], s = p->s[i];
        turned(&c, &s, turn);
        p->x[i] += hop * c;
        p->y[i] += hop * s;
        turned(&c, &s, turn);
        float ja = a - p->a[i], jal = al - p->al[i];
        float spent = weights->effort_a * a * a + weights->effort_al * al * al + weights->effort_w * w * w;
        spent += weights->effort_reverse * most_of(-v, 0.0f);
        effort[i] += spent * DT + (weights->effort_jerk * ja * ja + weights->effort_jerk_w * jal * jal) * (1.0f / DT);
        p->c[i] = c;
        p->s[i] = s;
        p->yaw[i] += 2.0f * turn;
        p->v[i] = v;
        p->w[i] = w;
        p->a[i] = a;
        p->al[i] = al;
    }
}

/* -- fields ------------------------------------------------------------------------------------------------------- */

INLINE void find(const float *x, const float *y, const Lattice *lattice, int32_t *index, float *u, float *t)
{
    EACH {
        float fx = clamp((x[i] - lattice->origin_x) * lattice->per_metre, 1.0f, lattice->columns - 2.0f);
        float fy = clamp((y[i] - lattice->origin_y) * lattice->per_metre, 1.0f, lattice->rows - 2.0f);
        float column = rintf(fx), row = rintf(fy);
        index[i] = (int32_t)(row * lattice->columns + column);
        u[i] = fx - column;
        t[i] = fy - row;
    }
}

/* the signed number in `bits` bits from `shift` on of a 32-bit word */
#define NUMBER(half, shift, bits) ((float)((int32_t)((uint32_t)(half) << (32 - (shift) - (bits))) >> (32 - (bits))))

INLINE void clearance_at(const float *x, const float *y, int first, const Situation *situation, float *out)
{
    const Lattice *lattice = situation->lattice;
    int32_t index[B], low[B], high[B];
    Row u, t;
    find(x, y, lattice, index, u, t);
    EACH {
        int64_t word = situation->clearance[index[i] + first];
        low[i] = (int32_t)word;
        high[i] = (int32_t)(word >> 32);
    }
    EACH {
        float at = 0.75f - u[i] * u[i], rest = 0.5f - 0.5f * at, before = rest - 0.5f * u[i], after = rest + 0.5f * u[i];
        float level = 0.75f - t[i] * t[i], left = 0.5f - 0.5f * level, under = left - 0.5f * t[i], over = left + 0.5f * t[i];
        float sides = level * (before * NUMBER(low[i], 0, 6) + after * NUMBER(low[i], 6, 6))
            + at * (under * NUMBER(low[i], 12, 6) + over * NUMBER(high[i], 0, 6));
        float corners = under * (before * NUMBER(low[i], 18, 7) + after * NUMBER(low[i], 25, 7))
            + over * (before * NUMBER(high[i], 6, 7) + after * NUMBER(high[i], 13, 7));
        out[i] = (NUMBER(high[i], 20, 12) + sides + corners) * lattice->clearance_scale;
    }
}

INLINE float smooth_abs(float x) { return sqrtf(x * x + 0.0025f) - 0.05f; }

INLINE void to_go(const float *x, const float *y, const float *yaw, const Situation *situation, float *out)
{
    const Lattice *lattice = situation->lattice;
    const Goal *goal = situation->goal;
    int columns = (int)lattice->columns;
    int32_t index[B], low[3][B], high[3][B];
    Row u, t;
    find(x, y, lattice, index, u, t);
    for (int row = 0; row < 3; row++)
        EACH {
            int64_t word; /* four neighbours, of which three count */
            memcpy(&word, situation->cost + index[i] + (row - 1) * columns - 1, sizeof word);
            low[row][i] = (int32_t)word;
            high[row][i] = (int32_t)(word >> 32);
        }
    EACH {
        float at = 0.75f - u[i] * u[i], rest = 0.5f - 0.5f * at, before = rest - 0.5f * u[i], after = rest + 0.5f * u[i];
        float level = 0.75f - t[i] * t[i], left = 0.5f - 0.5f * level, under = left - 0.5f * t[i], over = left + 0.5f * t[i];
        float a = before * NUMBER(low[0][i], 0, 16) + at * NUMBER(low[0][i], 16, 16) + after * NUMBER(high[0][i], 0, 16);
        float b = before * NUMBER(low[1][i], 0, 16) + at * NUMBER(low[1][i], 16, 16) + after * NUMBER(high[1][i], 0, 16);
        float c = before * NUMBER(low[2][i], 0, 16) + at * NUMBER(low[2][i], 16, 16) + after * NUMBER(high[2][i], 0, 16);
        out[i] = (under * a + level * b + over * c) * lattice->cost_scale;
    }
    if (situation->weights->goal_pose == 0.0f)
        return;
    EACH {
        float dx = goal->x - x[i], dy = goal->y - y[i], q = dx * dx + dy * dy, bearing = direction(dy, dx);
        float forward = smooth_abs(wrap(bearing - yaw[i])) + smooth_abs(wrap(goal->yaw - bearing));
        float reverse = smooth_abs(wrap(bearing - yaw[i] + 3.14159265f)) + smooth_abs(wrap(goal->yaw - bearing - 3.14159265f));
        reverse += 0.3f + goal->back * sqrtf(q + 1e-6f);
        float gap = forward - reverse, softmin = 0.5f * (forward + reverse - sqrtf(gap * gap + 0.01f));
        float share = q / (q + 0.0036f), turn = smooth_abs(wrap(goal->yaw - yaw[i]));
        out[i] += situation->weights->goal_pose * exponential(q * -1.5625f) * (share * softmin + (1.0f - share) * turn);
    }
}

/* -- hazards ------------------------------------------------------------------------------------------------------ */

INLINE float falling(float x) { return x > 0.0f ? exponential(-most_of(x, 0.0f)) : 1.0f - x; }

INLINE float bell(float d, float width)
{
    float q = most_of(d, 0.0f) / width, hump = most_of(1.0f - q * q * (1.0f / 6.0f), 0.0f);
    return hump * hump * hump + most_of(-d, 0.0f) / width;
}

INLINE float entry_rate(float d, float closing, float across, float radius, float precision, float velocity_gain, float residual_velocity_var)
{
    float gap = most_of(d, 0.0f), r = gap + radius, kappa = r * (radius * precision);
    float g = 1.0f / sqrtf(kappa * kappa + kappa + 1.0f + 6.0f / (kappa + 2.0f));
    float q = 1.0f + 6.2831853f * kappa - 2.5708f * kappa / (kappa + 0.6f);
    float a = closing + velocity_gain * r;
    float square = residual_velocity_var + across * across * g + a * a / (2.0f + kappa * kappa) + 1e-6f, inverse = 1.0f / sqrtf(square);
    float z = (kappa * g * a - velocity_gain * radius) * inverse, u = fabsf(z);
    float mean = most_of(z, 0.0f) + 0.39894f * exponential(-u * (1.25177f + u * (0.29188f + 0.02251f * u)));
    return exponential(-0.5f * precision * gap * gap) / sqrtf(q) * (radius * precision) * (square * inverse) * mean;
}

INLINE float survivor_factor(float cumulative_hazard) { return 1.0f / most_of(1.0f - cumulative_hazard, 0.25f); }

INLINE float bell_area(float d, float width)
{
    float q = least_of(most_of(d, 0.0f) / width, 2.4494897f), square = q * q, inside = least_of(d, 0.0f);
    float rising = q * (1.0f + square * (-1.0f / 6.0f + square * (1.0f / 60.0f + square * (-1.0f / 1512.0f))));
    return width * rising + inside - inside * inside * (0.5f / width);
}

/* mean rate of harm by touch while the clearance changes evenly from d0 to d1 */
INLINE float touched(float d0, float d1, float speed, const Weights *weights)
{
    float change = d1 - d0, apart = fabsf(change) > 1e-4f ? change : 1.0f;
    float along = (bell_area(d1, weights->touch_width) - bell_area(d0, weights->touch_width)) / apart;
    float share = fabsf(change) > 1e-4f ? along : bell(0.5f * (d0 + d1), weights->touch_width);
    return (speed + 0.02f) * weights->touch_scale * share;
}

/* rates of harm near what stays and by what moves, both times harm; clearance and speed of what is nearest */
INLINE void hazards(const Place *p, const float *v, const float *w, int row, const Situation *situation, float *rate, float *moving,
                    float *harm, float *harm_moving, float *d, float *nearest)
{
    const Weights *weights = situation->weights;
    const Body *body = situation->body;
    Row ox, oy, uneasy;
    int others = 0;
    EACH d[i] = 1e9f, uneasy[i] = 1e9f;
    for (int n = 0; n < situation->discs_count; n++) {
        const float *disc = situation->discs + 4 * n;
        Row x, y, gap;
        EACH {
            x[i] = p->x[i] + disc[0] * p->c[i] - disc[1] * p->s[i];
            y[i] = p->y[i] + disc[0] * p->s[i] + disc[1] * p->c[i];
        }
        clearance_at(x, y, (int)disc[3], situation, gap);
        if (disc[3] > 0.0f) {
            others = 1;
            EACH uneasy[i] = least_of(gap[i], uneasy[i]);
            continue;
        }
        EACH {
            float here = gap[i] - disc[2];
            ox[i] = here < d[i] ? disc[0] : ox[i];
            oy[i] = here < d[i] ? disc[1] : oy[i];
            d[i] = least_of(here, d[i]);
        }
    }
    EACH {
        float across = v[i] - w[i] * oy[i], along = w[i] * ox[i];
        float speed = sqrtf(across * across + along * along + 1e-6f);
        nearest[i] = speed;
        rate[i] = speed * speed * weights->wall_scale * falling(d[i] / (weights->wall_length + weights->wall_reach * speed));
        harm[i] = rate[i] * (weights->harm_base + weights->harm_speed * speed * speed);
    }
    if (others)
        EACH {
            float square = v[i] * v[i], discomfort = exponential(uneasy[i] * (-1.0f / DISCOMFORT_LENGTH));
            harm[i] += weights->wall_scale * square * discomfort * (weights->harm_base + weights->harm_speed * square);
        }
    float width = body->radius + 0.63661977f * (body->half_length + body->half_width);
    EACH moving[i] = 0.0f, harm_moving[i] = 0.0f;
    for (int n = 0; n < situation->people_count; n++) {
        const Person *one = situation->people + row * situation->people_count + n;
        EACH {
            float dx = one->x - p->x[i], dy = one->y - p->y[i], c = p->c[i], s = p->s[i], speed = fabsf(v[i]);
            float ahead = dx * c + dy * s - body->x, left = dy * c - dx * s - body->y;
            float over_x = fabsf(ahead) - body->half_length, over_y = fabsf(left) - body->half_width;
            float out_x = most_of(over_x, 0.0f), out_y = most_of(over_y, 0.0f);
            float square = out_x * out_x + out_y * out_y + 1e-6f, inverse = 1.0f / sqrtf(square);
            float gap = square * inverse + least_of(most_of(over_x, over_y), 0.0f) - one->radius - body->radius;
            float away_x = v[i] - (one->vx * c + one->vy * s), away_y = one->vx * s - one->vy * c;
            out_x = (ahead > 0.0f ? out_x : -out_x) * inverse, out_y = (left > 0.0f ? out_y : -out_y) * inverse;
            float nearing = away_x * out_x + away_y * out_y, across = away_x * out_y - away_y * out_x;
            float chance = one->chance * entry_rate(gap, nearing, across, width + one->radius, one->precision, one->velocity_gain, one->residual_velocity_var);
            float closing = most_of(nearing, 0.0f), fast = most_of(speed, closing);
            float towards = most_of(v[i] * out_x, 0.0f), aside = v[i] * out_y, own = towards * towards + SIDEWAYS * aside * aside;
            float blame = (own + weights->harm_standing * SLOW * SLOW) / (own + SLOW * SLOW);
            float cost = one->harm * (weights->harm_base + weights->harm_speed * blame * fast * fast);
            float near = (speed * speed + 0.5f * closing * closing) * (weights->person_scale * one->discomfort_gain);
            moving[i] += chance;
            harm_moving[i] += chance * cost;
            harm[i] += cost * near * falling(gap / (one->discomfort_reach + weights->person_reach * speed));
        }
    }
}

INLINE void stop(const Place *end, int row, const Situation *situation, float *d, float *nearest, float *survival, float *person_hazard,
                 float *late)
{
    Place p = *end;
    Row hop, turn, kappa, seconds, slow, slow_w, still, moving, harm_still, harm_moving, d_after, after;
    const Weights *weights = situation->weights;
    EACH {
        float v = p.v[i], square = v * v, length = 0.5f * square / -situation->bounds->a_low + 0.1f * fabsf(v);
        kappa[i] = p.w[i] * v / (square + 0.0025f);
        hop[i] = (v > 0.0f ? length : -length) * (1.0f / STOP_POINTS);
        turn[i] = 0.5f * kappa[i] * hop[i];
        seconds[i] = 2.0f * length / (fabsf(v) + 0.1f) * (1.0f / STOP_POINTS);
        late[i] = 0.0f;
    }
    for (int n = 0; n < STOP_POINTS; n++) {
        float left = sqrtf(1.0f - (n + 0.5f) / STOP_POINTS);
        EACH {
            float c = p.c[i], s = p.s[i];
            turned(&c, &s, turn[i]);
            p.x[i] += hop[i] * c;
            p.y[i] += hop[i] * s;
            turned(&c, &s, turn[i]);
            p.c[i] = c;
            p.s[i] = s;
            slow[i] = p.v[i] * left;
            slow_w[i] = kappa[i] * slow[i];
        }
        hazards(&p, slow, slow_w, row + n, situation, still, moving, harm_still, harm_moving, d_after, after);
        EACH {
            person_hazard[i] += seconds[i] * moving[i];
            float factor = survivor_factor(person_hazard[i]);
            float speed = 0.5f * (nearest[i] + after[i]), touch = touched(d[i], d_after[i], speed, weights);
            float rate = still[i] + touch + factor * moving[i], harm = harm_still[i] + factor * harm_moving[i];
            harm += touch * (weights->harm_base + weights->harm_speed * speed * speed);
            d[i] = d_after[i], nearest[i] = after[i];
            float lives = exponential(-rate * seconds[i]);
            late[i] += survival[i] * (1.0f - lives + FAINT * seconds[i]) * harm / (rate + FAINT);
            survival[i] *= lives;
        }
    }
}

/* -- the objective ------------------------------------------------------------------------------------------------ */

static void block(const float *const *u, int first, const float *start, const Situation *situation, float *costs)
{
    static const int steps[4] = {SEGMENTS};
    const Weights *weights = situation->weights;
    Reference forward, turning;
    Place p;
    Row survival, cost, undiscounted_harm, phi, after, rate, harm, rate_after, harm_after, effort, late, x, y;
    Row person_hazard, moving, moving_after, harm_moving, d, d_after, nearest, nearest_after;
    refer(start[3], start[5], u, first, &forward);
    refer(start[4], start[6], u + 4, first, &turning);
    float c = cosf(start[2]), s = sinf(start[2]);
    EACH {
        p.x[i] = start[0], p.y[i] = start[1], p.yaw[i] = start[2], p.c[i] = c, p.s[i] = s;
        p.v[i] = start[3], p.w[i] = start[4], p.a[i] = start[5], p.al[i] = start[6];
        survival[i] = 1.0f, cost[i] = 0.0f, undiscounted_harm[i] = 0.0f, person_hazard[i] = 0.0f;
    }
    to_go(p.x, p.y, p.yaw, situation, phi);
    hazards(&p, p.v, p.w, 0, situation, rate, moving, harm, harm_moving, d, nearest);
    EACH rate[i] += moving[i], harm[i] += harm_moving[i];
    int row = 0;
    for (int segment = 0; segment < 4; segment++)
        for (int within = 0; within < steps[segment]; within += STRIDE) {
            EACH effort[i] = 0.0f;
            for (int n = 0; n < STRIDE; n++)
                move(&p, forward.c[segment], turning.c[segment], within + n, steps[segment], situation, effort);
            float now = situation->discount[row++];
            hazards(&p, p.v, p.w, row, situation, rate_after, moving_after, harm_after, harm_moving, d_after, nearest_after);
            to_go(p.x, p.y, p.yaw, situation, after);
            EACH {
                person_hazard[i] += 0.5f * STRIDE * DT * (moving[i] + moving_after[i]);
                float factor = survivor_factor(person_hazard[i]);
                rate_after[i] += factor * moving_after[i], harm_after[i] += factor * harm_moving[i];
                moving[i] = moving_after[i];
                float speed = 0.5f * (nearest[i] + nearest_after[i]), touch = touched(d[i], d_after[i], speed, weights);
                float touch_harm = touch * (weights->harm_base + weights->harm_speed * speed * speed);
                float cumulative_hazard = STRIDE * DT * (0.5f * (rate[i] + rate_after[i]) + touch);
                float expected_harm = STRIDE * DT * (0.5f * (harm[i] + harm_after[i]) + touch_harm);
                d[i] = d_after[i], nearest[i] = nearest_after[i];
                float lives = exponential(-cumulative_hazard);
                cost[i] += now * survival[i] * (after[i] - phi[i] + effort[i] + (1.0f - lives + FAINT) * expected_harm / (cumulative_hazard + FAINT));
                undiscounted_harm[i] += now * expected_harm;
                survival[i] *= lives;
                phi[i] = after[i], rate[i] = rate_after[i], harm[i] = harm_after[i];
            }
        }
    float now = situation->discount[row];
    stop(&p, row + 1, situation, d, nearest, survival, person_hazard, late);
    EACH {
        x[i] = p.x[i] + weights->look_ahead * p.c[i];
        y[i] = p.y[i] + weights->look_ahead * p.s[i];
    }
    to_go(x, y, p.yaw, situation, after);
    EACH {
        float away = clamp((phi[i] - 0.15f) * 2.0f, 0.0f, 1.0f);
        float misled = clamp(1.0f - (phi[i] - after[i]) / weights->look_ahead, 0.0f, 2.5f);
        float over = most_of(fabsf(p.v[i]) - 1.2f * most_of(phi[i], 0.0f) - 0.1f, 0.0f);
        float end = weights->survival_bonus - weights->heading * away * misled - weights->overspeed * over;
        costs[first + i] = cost[i] + now * late[i] + weights->undiscounted_harm * undiscounted_harm[i] - now * survival[i] * end;
    }
}

/* Costs (count,) of decisions (8, count), count >= B. */
void evaluate(const float *decisions, int count, const float *start, const Situation *situation, float *costs)
{
    const float *u[8];
    for (int n = 0; n < 8; n++)
        u[n] = decisions + (int64_t)n * count;
    for (int first = 0; first < count; first += B)
        block(u, first < count - B ? first : count - B, start, situation, costs);
}
